import 'server-only'
import type { IncomingMessage } from 'node:http'
import { type ObjectRef, type RemoteClient, textOf } from '../remote/client'
import { isRefusal, Refusal, Unreachable } from '../remote/refusal'
import type { Source } from '../remote/source'
import { holds, LARGEST_WHOLE_BYTES, PART_BYTES, type Uploader } from '../remote/upload'
import { ofBucket } from './gcs-errors'
import { RestWanted } from './gcs-protocol'

/**
 * Writes whole new objects and never replaces one: generation 0 is that of no object, which Google looks at once more
 * when a large upload ends. Parts go one after the other, since its uploads in parallel know no conditions; those it
 * has already it takes no notice of. What was sent of an upload that never ended is dropped after a week.
 *
 * A refusal may be of our own earlier try whose answer was lost. The object is then compared with what was sent.
 */

const OCTETS = 'application/octet-stream'
const WHERE_FREE = { ifGenerationMatch: '0' }
/** How often the store may take nothing of what it is sent. */
const MOST_IDLE_TRIES = 3

/** @param partBytes of all parts but the last; a multiple of 256 KiB */
export function uploader(
  client: RemoteClient,
  partBytes = PART_BYTES,
  largestWholeBytes = LARGEST_WHOLE_BYTES,
): Uploader {
  async function putWhole(object: ObjectRef, source: Source): Promise<void> {
    const body = await source.read(0, source.sizeBytes)
    const query = { ...WHERE_FREE, uploadType: 'media' }
    const headers = { 'content-type': OCTETS }
    await unlessOurs(object, source, () =>
      ofBucket(() => client.send({ method: 'POST', object, query, headers, body }, (answer) => textOf(client, answer))),
    )
  }

  async function putInParts(object: ObjectRef, source: Source): Promise<void> {
    const { sizeBytes } = source
    const query = { uploadType: 'resumable', upload_id: await started(object, sizeBytes) }
    let sentBytes = 0
    let furthestBytes = 0
    for (let idleTries = 0; idleTries < MOST_IDLE_TRIES; ) {
      const end = Math.min(sentBytes + partBytes, sizeBytes)
      const headers = { 'content-range': `bytes ${sentBytes}-${end - 1}/${sizeBytes}` }
      const body = await source.read(sentBytes, end)
      const rest = await unlessOurs(object, source, () =>
        ofUpload(() =>
          client.send({ method: 'PUT', object, query, headers, body }, (answer) => textOf(client, answer)),
        ),
      )
      if (rest === null) return
      if (rest.receivedBytes > end) throw new Unreachable('The store has more than was sent.')
      idleTries = rest.receivedBytes > furthestBytes ? 0 : idleTries + 1
      furthestBytes = Math.max(furthestBytes, rest.receivedBytes)
      sentBytes = rest.receivedBytes
    }
    throw new Unreachable('The store takes no more of an upload.')
  }

  function started(object: ObjectRef, sizeBytes: number): Promise<string> {
    const query = { ...WHERE_FREE, uploadType: 'resumable' }
    const headers = { 'x-upload-content-type': OCTETS, 'x-upload-content-length': String(sizeBytes) }
    return ofBucket(() =>
      client.send({ method: 'POST', object, query, headers }, (answer) => uploadIdOf(client, answer)),
    )
  }

  /** Null where the object is there as it was sent. */
  async function unlessOurs(
    object: ObjectRef,
    source: Source,
    send: () => Promise<unknown>,
  ): Promise<RestWanted | null> {
    try {
      await send()
      return null
    } catch (error) {
      if (error instanceof RestWanted) return error
      // 410: an upload that ended is no longer there.
      const isMaybeOurs = isRefusal(error, [410, 412]) && error.isAfterUnknown
      if (isMaybeOurs && (await holds(client, object, source))) return null
      throw error
    }
  }

  return (object, source) =>
    source.sizeBytes <= largestWholeBytes ? putWhole(object, source) : putInParts(object, source)
}

/** What is not there, of an upload that began, is the upload. */
async function ofUpload<Result>(send: () => Promise<Result>): Promise<Result> {
  try {
    return await send()
  } catch (error) {
    if (!isRefusal(error, [404])) throw error
    const gone = new Refusal(410, error.code)
    gone.isAfterUnknown = error.isAfterUnknown
    throw gone
  }
}

/** It is told in an address, of which nothing else is believed. */
async function uploadIdOf(client: RemoteClient, answer: IncomingMessage): Promise<string> {
  await textOf(client, answer)
  const id = URL.parse(answer.headers.location ?? '')?.searchParams.get('upload_id') ?? ''
  if (!/^[\x21-\x7E]{1,2000}$/.test(id)) throw new Unreachable('This names no upload.')
  return id
}
