import 'server-only'
import type { IncomingMessage } from 'node:http'
import { type ObjectIdentifier, type RemoteClient, readText } from '../remote/client'
import { isRefusal, Refusal, Unreachable } from '../remote/refusal'
import type { UploadSource } from '../remote/upload-source'
import { hasSameBytes, MAX_SINGLE_UPLOAD_BYTES, PART_BYTES, type Uploader } from '../remote/upload'
import { withBucketErrors } from './gcs-errors'
import { ResumeIncomplete } from './gcs-protocol'

/**
 * Writes complete new objects and never replaces one. Generation 0 means that no object exists; Google checks it again
 * when a large upload ends. Parts are sent in sequence, because Google's parallel uploads do not support conditions.
 * Google ignores bytes that it already has, and drops an unfinished upload after a week.
 *
 * An error can be caused by an earlier attempt of ours whose answer was lost. The object is then compared with what was
 * sent.
 */

const OCTET_STREAM = 'application/octet-stream'
const IF_ABSENT = { ifGenerationMatch: '0' }
/** How many times in a row the store may accept none of the bytes that it receives. */
const MAX_IDLE_ATTEMPTS = 3

/** @param partBytes size of all parts but the last; a multiple of 256 KiB */
export function uploader(
  client: RemoteClient,
  partBytes = PART_BYTES,
  maxSingleUploadBytes = MAX_SINGLE_UPLOAD_BYTES,
): Uploader {
  async function putSingle(object: ObjectIdentifier, source: UploadSource): Promise<void> {
    const body = await source.read(0, source.sizeBytes)
    const query = { ...IF_ABSENT, uploadType: 'media' }
    const headers = { 'content-type': OCTET_STREAM }
    await sendUnlessStored(object, source, () =>
      withBucketErrors(() =>
        client.send({ method: 'POST', object, query, headers, body }, (response) => readText(client, response)),
      ),
    )
  }

  async function putInParts(object: ObjectIdentifier, source: UploadSource): Promise<void> {
    const { sizeBytes } = source
    const query = { uploadType: 'resumable', upload_id: await startUpload(object, sizeBytes) }
    let sentBytes = 0
    let maxReceivedBytes = 0
    for (let idleAttempts = 0; idleAttempts < MAX_IDLE_ATTEMPTS; ) {
      const end = Math.min(sentBytes + partBytes, sizeBytes)
      const headers = { 'content-range': `bytes ${sentBytes}-${end - 1}/${sizeBytes}` }
      const body = await source.read(sentBytes, end)
      const incomplete = await sendUnlessStored(object, source, () =>
        withUploadErrors(() =>
          client.send({ method: 'PUT', object, query, headers, body }, (response) => readText(client, response)),
        ),
      )
      if (incomplete === null) return
      if (incomplete.receivedBytes > end) throw new Unreachable('The store reports more bytes than were sent.')
      idleAttempts = incomplete.receivedBytes > maxReceivedBytes ? 0 : idleAttempts + 1
      maxReceivedBytes = Math.max(maxReceivedBytes, incomplete.receivedBytes)
      sentBytes = incomplete.receivedBytes
    }
    throw new Unreachable('The store stopped accepting bytes of the upload.')
  }

  function startUpload(object: ObjectIdentifier, sizeBytes: number): Promise<string> {
    const query = { ...IF_ABSENT, uploadType: 'resumable' }
    const headers = { 'x-upload-content-type': OCTET_STREAM, 'x-upload-content-length': String(sizeBytes) }
    return withBucketErrors(() =>
      client.send({ method: 'POST', object, query, headers }, (response) => readUploadId(client, response)),
    )
  }

  /** Returns null when the object already exists with the bytes that were sent. */
  async function sendUnlessStored(
    object: ObjectIdentifier,
    source: UploadSource,
    send: () => Promise<unknown>,
  ): Promise<ResumeIncomplete | null> {
    try {
      await send()
      return null
    } catch (error) {
      if (error instanceof ResumeIncomplete) return error
      // 410: a finished upload no longer exists.
      const mightBeOurs = isRefusal(error, [410, 412]) && error.mightHaveSucceededEarlier
      if (mightBeOurs && (await hasSameBytes(client, object, source))) return null
      throw error
    }
  }

  return (object, source) =>
    source.sizeBytes <= maxSingleUploadBytes ? putSingle(object, source) : putInParts(object, source)
}

/** For requests of an upload that has started: "not found" then means that the upload is missing. */
async function withUploadErrors<Result>(send: () => Promise<Result>): Promise<Result> {
  try {
    return await send()
  } catch (error) {
    if (!isRefusal(error, [404])) throw error
    const abortedUpload = new Refusal(410, error.code)
    abortedUpload.mightHaveSucceededEarlier = error.mightHaveSucceededEarlier
    throw abortedUpload
  }
}

/** The upload id is a parameter of a URL in the response. The rest of that URL is not trusted. */
async function readUploadId(client: RemoteClient, response: IncomingMessage): Promise<string> {
  await readText(client, response)
  const id = URL.parse(response.headers.location ?? '')?.searchParams.get('upload_id') ?? ''
  if (!/^[\x21-\x7E]{1,2000}$/.test(id)) throw new Unreachable('The response contains no upload id.')
  return id
}
