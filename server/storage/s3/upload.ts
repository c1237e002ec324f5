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
 * Writes complete new objects and never replaces one: `If-None-Match: *` makes the store refuse when the name is taken.
 * For a store that does not support the header (501), the uploader first checks whether the name is free, for this and
 * every later object. That check cannot separate two writers of one name at the same moment, but Iceberg writers put a
 * random UUID into each name.
 *
 * An error can be caused by an earlier attempt of ours whose answer was lost. The object is then compared with what was
 * sent.
 */

const MAX_PARTS = 10_000 // S3, *Multipart upload limits*

/** @param partBytes size of all parts but the last */
export function uploader(
  client: RemoteClient,
  log: Log,
  partBytes = PART_BYTES,
  maxSingleUploadBytes = MAX_SINGLE_UPLOAD_BYTES,
): Uploader {
  let supportsConditionalWrites = true

  /** Runs a write that must only happen when the name is free. */
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
        log.warning('the storage does not support conditional writes: names are checked before each write', {
          host: client.host,
        })
        supportsConditionalWrites = false
        await writeIfAbsent(object, source, write)
        return
      }
      // 404: a completed upload can no longer be completed.
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

/**
 * The parts take up space until the upload is aborted. A failure here is only logged, because the original error
 * matters more.
 */
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

/** S3 starts its response before it has finished, so an error can come with status 200, and the body can be empty. */
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
  if (etag === undefined) throw new Unreachable('The store returned no ETag for a part.')
  return etag
}
