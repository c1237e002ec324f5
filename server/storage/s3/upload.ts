import 'server-only'
import type { IncomingMessage } from 'node:http'
import { inParallel } from '@/lib/in-parallel'
import { logWarning } from '@/server/log'
import { bytesOf } from './http-exchange'
import type { ObjectRef } from './object-url'
import type { S3Client } from './s3-client'
import { S3Refusal, S3Unreachable } from './s3-errors'
import { completeUploadBody, errorCodeOf, uploadIdOf } from './s3-xml'
import type { Source } from './source'

/**
 * Writes whole new objects and never replaces one: `If-None-Match: *` makes the store refuse where the name is taken.
 * A store that does not know the header (501) is asked first whether the name is free, from then on for every object;
 * two writers of one name at the same moment are then not kept apart, which the names Iceberg's writers make up
 * (each holds a random UUID) do not need.
 *
 * A refusal may be of our own earlier try whose answer was lost. The object is then compared with what was sent.
 */

/** Larger ones are sent in parts, each of which can be tried again on its own. */
const LARGEST_WHOLE_BYTES = 16 * 1024 * 1024
const PART_BYTES = 16 * 1024 * 1024
const MOST_PARTS = 10_000 // S3, *Multipart upload limits*
const PARTS_AT_ONCE = 4
const MAX_ANSWER_BYTES = 64 * 1024
const COMPARED_BYTES = 8 * 1024 * 1024

export type Uploader = (object: ObjectRef, source: Source) => Promise<void>

/** @param partBytes of all parts but the last */
export function uploader(client: S3Client, partBytes = PART_BYTES, largestWholeBytes = LARGEST_WHOLE_BYTES): Uploader {
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
        logWarning('the storage knows no conditional writes: names are looked up before', { host: client.host })
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
    const post = (
      query: Record<string, string>,
      rest: { headers?: Readonly<Record<string, string>>; body?: Uint8Array },
    ) => client.send({ method: 'POST', object, query, ...rest }, (answer) => completed(client, answer))
    const uploadId = uploadIdOf(await post({ uploads: '' }, {}))
    try {
      const sizeBytes = Math.max(partBytes, Math.ceil(source.sizeBytes / MOST_PARTS))
      const starts = Array.from({ length: Math.ceil(source.sizeBytes / sizeBytes) }, (_, i) => i * sizeBytes)
      const etags = await allOrNone(starts, async (start, signal) => {
        const body = await source.read(start, Math.min(start + sizeBytes, source.sizeBytes))
        const query = { partNumber: String(start / sizeBytes + 1), uploadId }
        return client.send({ method: 'PUT', object, query, body, signal }, (answer) => etagOf(client, answer))
      })
      const body = new TextEncoder().encode(completeUploadBody(etags))
      await whereFree(object, source, async (headers) => {
        await post({ uploadId }, { headers, body })
      })
    } catch (error) {
      await abort(client, object, uploadId)
      throw error
    }
  }

  return (object, source) =>
    source.sizeBytes <= largestWholeBytes ? putWhole(object, source) : putInParts(object, source)
}

/** The first failure stops the others and is thrown when all have ended: a part that comes after the abort stays. */
async function allOrNone(
  starts: readonly number[],
  send: (start: number, signal: AbortSignal) => Promise<string>,
): Promise<string[]> {
  const stop = new AbortController()
  const failures: unknown[] = []
  const etags = await inParallel(starts, PARTS_AT_ONCE, async (start) => {
    try {
      stop.signal.throwIfAborted()
      return await send(start, stop.signal)
    } catch (error) {
      failures.push(error)
      stop.abort()
      return ''
    }
  })
  if (failures.length > 0) throw failures[0]
  return etags
}

async function requireFree(client: S3Client, object: ObjectRef): Promise<void> {
  if ((await lengthOf(client, object)) === null) return
  throw new S3Refusal(412, 'PreconditionFailed')
}

/** Null when there is no such object. */
async function lengthOf(client: S3Client, object: ObjectRef): Promise<number | null> {
  try {
    return await client.send({ method: 'HEAD', object }, async (answer) => {
      await textOf(client, answer)
      return Number(answer.headers['content-length'])
    })
  } catch (error) {
    if (isRefusal(error, [404])) return null
    throw error
  }
}

/** Whether the object is, byte for byte, what was to be written. */
async function holds(client: S3Client, object: ObjectRef, { sizeBytes, read }: Source): Promise<boolean> {
  if ((await lengthOf(client, object)) !== sizeBytes) return false
  for (let start = 0; start < sizeBytes; start += COMPARED_BYTES) {
    const end = Math.min(start + COMPARED_BYTES, sizeBytes)
    const headers = { range: `bytes=${start}-${end - 1}` }
    const there = await client.send({ method: 'GET', object, headers }, (answer) =>
      bytesOf(answer, end - start, client.silenceMs),
    )
    if (there === null || Buffer.compare(there, await read(start, end)) !== 0) return false
  }
  return true
}

/** What was uploaded of it takes room until then. What went wrong before matters more than that this does too. */
async function abort(client: S3Client, object: ObjectRef, uploadId: string): Promise<void> {
  try {
    await client.send({ method: 'DELETE', object, query: { uploadId } }, (answer) => textOf(client, answer))
  } catch (error) {
    if (isRefusal(error, [404])) return
    logWarning('an upload could not be aborted; its parts stay in the bucket', {
      bucket: object.bucket,
      key: object.key,
      reason: error instanceof Error ? error.message : String(error),
    })
  }
}

/** S3 begins to answer before it is done, so an error may come as 200. */
async function completed(client: S3Client, answer: IncomingMessage): Promise<string> {
  const text = await textOf(client, answer)
  const code = errorCodeOf(text)
  if (code === null) return text
  const status = STATUS_OF[code] ?? 500
  throw new S3Refusal(status, code)
}

const STATUS_OF: Readonly<Record<string, number>> = {
  PreconditionFailed: 412,
  ConditionalRequestConflict: 409,
  NoSuchUpload: 404,
  NotImplemented: 501,
}

async function etagOf(client: S3Client, answer: IncomingMessage): Promise<string> {
  await textOf(client, answer)
  const { etag } = answer.headers
  if (etag === undefined) throw new S3Unreachable('The store gave no ETag for a part.')
  return etag
}

async function textOf(client: S3Client, answer: IncomingMessage): Promise<string> {
  const bytes = await bytesOf(answer, MAX_ANSWER_BYTES, client.silenceMs)
  if (bytes === null) throw new S3Unreachable('The store’s answer is longer than expected.')
  return new TextDecoder().decode(bytes)
}

function isRefusal(error: unknown, statuses: readonly number[]): error is S3Refusal {
  return error instanceof S3Refusal && statuses.includes(error.status)
}
