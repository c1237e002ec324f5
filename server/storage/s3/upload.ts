import 'server-only'
import type { IncomingMessage } from 'node:http'
import type { Log } from '@/server/log'
import { type ObjectIdentifier, type RemoteClient, readText } from '../remote/client'
import { findByCode, isRefusal, Refusal, Unreachable } from '../remote/refusal'
import type { UploadSource } from '../remote/upload-source'
import {
  hasSameBytes,
  MAX_SINGLE_UPLOAD_BYTES,
  readLength,
  PART_BYTES,
  splitParts,
  sendParts,
  type Uploader,
} from '../remote/upload'
import { completeUploadBody, parseErrorCode, isCompleted, parseUploadId } from './s3-xml'

/**
 * Writes whole new objects and never replaces one: `If-None-Match: *` makes the store refuse where the name is taken.
 * A store that does not know the header (501) is asked first whether the name is free, from then on for every object;
 * two writers of one name at the same moment are then not kept apart, which the names Iceberg's writers make up
 * (each holds a random UUID) do not need.
 *
 * A refusal may be of our own earlier try whose answer was lost. The object is then compared with what was sent.
 */

const MAX_PARTS = 10_000 // S3, *Multipart upload limits*

/** @param partBytes of all parts but the last */
export function uploader(
  client: RemoteClient,
  log: Log,
  partBytes = PART_BYTES,
  maxSingleUploadBytes = MAX_SINGLE_UPLOAD_BYTES,
): Uploader {
  let supportsConditionalWrites = true

  /** Runs a write that is only to happen where the name is free. */
  async function writeIfAbsent(
    object: ObjectIdentifier,
    source: UploadSource,
    write: (condition: Readonly<Record<string, string>>) => Promise<void>,
  ): Promise<void> {
    if (!supportsConditionalWrites) await requireAbsent(client, object)
    try {
      await write(supportsConditionalWrites ? { 'if-none-match': '*' } : {})
    } catch (error) {
      if (supportsConditionalWrites && isRefusal(error, [501])) {
        log.warning('the storage knows no conditional writes: names are looked up before', { host: client.host })
        supportsConditionalWrites = false
        await writeIfAbsent(object, source, write)
        return
      }
      // 404: an upload that was completed is no longer there to complete.
      const mightBeOurs = isRefusal(error, [404, 409, 412]) && error.mightHaveSucceededEarlier
      if (!mightBeOurs || !(await hasSameBytes(client, object, source))) throw error
    }
  }

  async function putSingle(object: ObjectIdentifier, source: UploadSource): Promise<void> {
    const body = await source.read(0, source.sizeBytes)
    await writeIfAbsent(object, source, async (headers) => {
      await client.send({ method: 'PUT', object, headers, body }, (response) => readText(client, response))
    })
  }

  async function putInParts(object: ObjectIdentifier, source: UploadSource): Promise<void> {
    const uploadId = await client.send({ method: 'POST', object, query: { uploads: '' } }, async (response) =>
      parseUploadId(await readText(client, response)),
    )
    try {
      const parts = splitParts(source.sizeBytes, partBytes, MAX_PARTS)
      const etags = await sendParts(parts, source, ({ index }, body, signal) => {
        const query = { partNumber: String(index + 1), uploadId }
        return client.send({ method: 'PUT', object, query, body, signal }, (response) => readEtag(client, response))
      })
      const body = new TextEncoder().encode(completeUploadBody(etags))
      await writeIfAbsent(object, source, async (headers) => {
        const request = { method: 'POST', object, query: { uploadId }, headers, body } as const
        await client.send(request, (response) => requireCompletion(client, response))
      })
    } catch (error) {
      await abortUpload(client, log, object, uploadId)
      throw error
    }
  }

  return (object, source) =>
    source.sizeBytes <= maxSingleUploadBytes ? putSingle(object, source) : putInParts(object, source)
}

async function requireAbsent(client: RemoteClient, object: ObjectIdentifier): Promise<void> {
  if ((await readLength(client, object)) === null) return
  throw new Refusal(412, 'PreconditionFailed')
}

/** What was uploaded of it takes room until then. What went wrong before matters more than that this does too. */
async function abortUpload(client: RemoteClient, log: Log, object: ObjectIdentifier, uploadId: string): Promise<void> {
  try {
    await client.send({ method: 'DELETE', object, query: { uploadId } }, (response) => readText(client, response))
  } catch (error) {
    if (isRefusal(error, [404])) return
    log.warning('an upload could not be aborted; its parts stay in the bucket', {
      bucket: object.bucket,
      key: object.key,
      reason: error instanceof Error ? error.message : String(error),
    })
  }
}

/** S3 begins to answer before it is done, so an error may come as 200, or nothing at all. */
async function requireCompletion(client: RemoteClient, response: IncomingMessage): Promise<void> {
  const text = await readText(client, response)
  if (isCompleted(text)) return
  const code = parseErrorCode(text)
  throw new Refusal(findByCode(STATUS_BY_CODE, code) ?? 500, code)
}

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  PreconditionFailed: 412,
  ConditionalRequestConflict: 409,
  NoSuchUpload: 404,
  NotImplemented: 501,
}

async function readEtag(client: RemoteClient, response: IncomingMessage): Promise<string> {
  await readText(client, response)
  const { etag } = response.headers
  if (etag === undefined) throw new Unreachable('The store gave no ETag for a part.')
  return etag
}
