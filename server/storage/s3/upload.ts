import 'server-only'
import type { IncomingMessage } from 'node:http'
import type { Log } from '@/server/log'
import { type ObjectRef, type RemoteClient, textOf } from '../remote/client'
import { foundFor, isRefusal, Refusal, Unreachable } from '../remote/refusal'
import type { Source } from '../remote/source'
import { holds, LARGEST_WHOLE_BYTES, lengthOf, PART_BYTES, partsOf, sentParts, type Uploader } from '../remote/upload'
import { completeUploadBody, errorCodeOf, isCompletion, uploadIdOf } from './s3-xml'

/**
 * Writes whole new objects and never replaces one: `If-None-Match: *` makes the store refuse where the name is taken.
 * A store that does not know the header (501) is asked first whether the name is free, from then on for every object;
 * two writers of one name at the same moment are then not kept apart, which the names Iceberg's writers make up
 * (each holds a random UUID) do not need.
 *
 * A refusal may be of our own earlier try whose answer was lost. The object is then compared with what was sent.
 */

const MOST_PARTS = 10_000 // S3, *Multipart upload limits*

/** @param partBytes of all parts but the last */
export function uploader(
  client: RemoteClient,
  log: Log,
  partBytes = PART_BYTES,
  largestWholeBytes = LARGEST_WHOLE_BYTES,
): Uploader {
  let knowsConditions = true

  /** Runs a write that is only to happen where the name is free. */
  async function whereFree(
    object: ObjectRef,
    source: Source,
    write: (condition: Readonly<Record<string, string>>) => Promise<void>,
  ): Promise<void> {
    if (!knowsConditions) await requireFree(client, object)
    try {
      await write(knowsConditions ? { 'if-none-match': '*' } : {})
    } catch (error) {
      if (knowsConditions && isRefusal(error, [501])) {
        log.warning('the storage knows no conditional writes: names are looked up before', { host: client.host })
        knowsConditions = false
        await whereFree(object, source, write)
        return
      }
      // 404: an upload that was completed is no longer there to complete.
      const isMaybeOurs = isRefusal(error, [404, 409, 412]) && error.isAfterUnknown
      if (!isMaybeOurs || !(await holds(client, object, source))) throw error
    }
  }

  async function putWhole(object: ObjectRef, source: Source): Promise<void> {
    const body = await source.read(0, source.sizeBytes)
    await whereFree(object, source, async (headers) => {
      await client.send({ method: 'PUT', object, headers, body }, (answer) => textOf(client, answer))
    })
  }

  async function putInParts(object: ObjectRef, source: Source): Promise<void> {
    const uploadId = await client.send({ method: 'POST', object, query: { uploads: '' } }, async (answer) =>
      uploadIdOf(await textOf(client, answer)),
    )
    try {
      const parts = partsOf(source.sizeBytes, partBytes, MOST_PARTS)
      const etags = await sentParts(parts, source, ({ index }, body, signal) => {
        const query = { partNumber: String(index + 1), uploadId }
        return client.send({ method: 'PUT', object, query, body, signal }, (answer) => etagOf(client, answer))
      })
      const body = new TextEncoder().encode(completeUploadBody(etags))
      await whereFree(object, source, async (headers) => {
        const request = { method: 'POST', object, query: { uploadId }, headers, body } as const
        await client.send(request, (answer) => completed(client, answer))
      })
    } catch (error) {
      await abort(client, log, object, uploadId)
      throw error
    }
  }

  return (object, source) =>
    source.sizeBytes <= largestWholeBytes ? putWhole(object, source) : putInParts(object, source)
}

async function requireFree(client: RemoteClient, object: ObjectRef): Promise<void> {
  if ((await lengthOf(client, object)) === null) return
  throw new Refusal(412, 'PreconditionFailed')
}

/** What was uploaded of it takes room until then. What went wrong before matters more than that this does too. */
async function abort(client: RemoteClient, log: Log, object: ObjectRef, uploadId: string): Promise<void> {
  try {
    await client.send({ method: 'DELETE', object, query: { uploadId } }, (answer) => textOf(client, answer))
  } catch (error) {
    if (isRefusal(error, [404])) return
    log.warning('an upload could not be aborted; its parts stay in the bucket', {
      bucket: object.holder,
      key: object.key,
      reason: error instanceof Error ? error.message : String(error),
    })
  }
}

/** S3 begins to answer before it is done, so an error may come as 200, or nothing at all. */
async function completed(client: RemoteClient, answer: IncomingMessage): Promise<void> {
  const text = await textOf(client, answer)
  if (isCompletion(text)) return
  const code = errorCodeOf(text)
  throw new Refusal(foundFor(STATUS_OF, code) ?? 500, code)
}

const STATUS_OF: Readonly<Record<string, number>> = {
  PreconditionFailed: 412,
  ConditionalRequestConflict: 409,
  NoSuchUpload: 404,
  NotImplemented: 501,
}

async function etagOf(client: RemoteClient, answer: IncomingMessage): Promise<string> {
  await textOf(client, answer)
  const { etag } = answer.headers
  if (etag === undefined) throw new Unreachable('The store gave no ETag for a part.')
  return etag
}
