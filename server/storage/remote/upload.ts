import 'server-only'
import { inParallel } from '@/lib/in-parallel'
import { bytesOf, endOf } from '@/server/http-out/http-exchange'
import type { ObjectRef, RemoteClient } from './client'
import { isRefusal } from './refusal'
import type { Source } from './source'

/** What uploads to every kind of store have in common. An upload writes a whole new object and never replaces one. */
export type Uploader = (object: ObjectRef, source: Source) => Promise<void>

/** Larger ones are sent in parts, each of which can be tried again on its own. */
export const LARGEST_WHOLE_BYTES = 16 * 1024 * 1024
export const PART_BYTES = 16 * 1024 * 1024
const PARTS_AT_ONCE = 4
const COMPARED_BYTES = 8 * 1024 * 1024

/** Half-open. */
export type Part = { index: number; start: number; end: number }

/** Parts of equal size but the last, of at least `partBytes` and so many that no more than `mostParts` are needed. */
export function partsOf(sizeBytes: number, partBytes: number, mostParts: number): Part[] {
  const each = Math.max(partBytes, Math.ceil(sizeBytes / mostParts))
  return Array.from({ length: Math.ceil(sizeBytes / each) }, (_, index) => ({
    index,
    start: index * each,
    end: Math.min((index + 1) * each, sizeBytes),
  }))
}

/**
 * What `send` gives for each part, in their order, a few at once. The first failure stops the others and is thrown
 * when all have ended: a part that comes after an upload was given up stays.
 */
export async function sentParts(
  parts: readonly Part[],
  { read }: Source,
  send: (part: Part, body: Uint8Array, signal: AbortSignal) => Promise<string>,
): Promise<string[]> {
  const stop = new AbortController()
  const failures: unknown[] = []
  const sent = await inParallel(parts, PARTS_AT_ONCE, async (part) => {
    try {
      stop.signal.throwIfAborted()
      return await send(part, await read(part.start, part.end), stop.signal)
    } catch (error) {
      failures.push(error)
      stop.abort()
      return ''
    }
  })
  if (failures.length > 0) throw failures[0]
  return sent
}

/** Null when there is no such object. */
export async function lengthOf(client: RemoteClient, object: ObjectRef): Promise<number | null> {
  try {
    return await client.send({ method: 'HEAD', object }, async (answer) => {
      await endOf(answer, client.silenceMs)
      return Number(answer.headers['content-length'])
    })
  } catch (error) {
    if (isRefusal(error, [404])) return null
    throw error
  }
}

/** Whether the object is, byte for byte, what was to be written. */
export async function holds(client: RemoteClient, object: ObjectRef, { sizeBytes, read }: Source): Promise<boolean> {
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
