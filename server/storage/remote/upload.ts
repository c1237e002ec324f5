import 'server-only'
import pMap from 'p-map'
import { readBody, drainBody } from '@/server/http-out/send-request'
import type { ObjectIdentifier, RemoteClient } from './client'
import { isRefusal } from './refusal'
import type { UploadSource } from './upload-source'

/** Uploads to a store of any kind. An upload writes a complete new object and never replaces one. */
export type Uploader = (object: ObjectIdentifier, source: UploadSource) => Promise<void>

/** Larger files are sent in parts, each of which can be retried on its own. */
export const MAX_SINGLE_UPLOAD_BYTES = 16 * 1024 * 1024
export const PART_BYTES = 16 * 1024 * 1024
const PART_CONCURRENCY = 4
const COMPARE_CHUNK_BYTES = 8 * 1024 * 1024

/** Half-open. */
export type Part = { index: number; start: number; end: number }

/** Parts of equal size except the last: at least `partBytes` each, and at most `maxParts` of them. */
export function splitParts(sizeBytes: number, partBytes: number, maxParts: number): Part[] {
  const actualPartBytes = Math.max(partBytes, Math.ceil(sizeBytes / maxParts))
  return Array.from({ length: Math.ceil(sizeBytes / actualPartBytes) }, (_, index) => ({
    index,
    start: index * actualPartBytes,
    end: Math.min((index + 1) * actualPartBytes, sizeBytes),
  }))
}

/**
 * Sends the parts, a few at a time, and returns the results of `send` in the order of the parts. The first failure
 * stops the others and is thrown when all have ended, because a part that arrives after an upload was aborted stays in
 * the store.
 */
export async function sendParts(
  parts: readonly Part[],
  { read }: UploadSource,
  send: (part: Part, body: Uint8Array, signal: AbortSignal) => Promise<string>,
): Promise<string[]> {
  const stop = new AbortController()
  const failures: unknown[] = []
  const results = await pMap(
    parts,
    async (part) => {
      try {
        stop.signal.throwIfAborted()
        return await send(part, await read(part.start, part.end), stop.signal)
      } catch (error) {
        failures.push(error)
        stop.abort()
        return ''
      }
    },
    { concurrency: PART_CONCURRENCY },
  )
  if (failures.length > 0) throw failures[0]
  return results
}

/** Null when the object does not exist. */
export async function readLength(client: RemoteClient, object: ObjectIdentifier): Promise<number | null> {
  try {
    return await client.send({ method: 'HEAD', object }, async (response) => {
      await drainBody(response, client.idleTimeoutMs)
      return Number(response.headers['content-length'])
    })
  } catch (error) {
    if (isRefusal(error, [404])) return null
    throw error
  }
}

/** Whether the object has exactly the bytes of the source. */
export async function hasSameBytes(
  client: RemoteClient,
  object: ObjectIdentifier,
  { sizeBytes, read }: UploadSource,
): Promise<boolean> {
  if ((await readLength(client, object)) !== sizeBytes) return false
  for (let start = 0; start < sizeBytes; start += COMPARE_CHUNK_BYTES) {
    const end = Math.min(start + COMPARE_CHUNK_BYTES, sizeBytes)
    const headers = { range: `bytes=${start}-${end - 1}` }
    const stored = await client.send({ method: 'GET', object, headers }, (response) =>
      readBody(response, end - start, client.idleTimeoutMs),
    )
    if (stored === null || Buffer.compare(stored, await read(start, end)) !== 0) return false
  }
  return true
}
