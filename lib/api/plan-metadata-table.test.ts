import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { toBase64 } from '@/lib/iceberg/schema/byte-text'
import { loadMetadataRows, type MetadataBatch } from '@/lib/query/load/metadata-rows'
import { parseRows } from './plan-metadata-table'

const END = { isEnd: true, rowCount: 3 }
const LINES = [
  { rowCount: 2, arrow: toBase64(Uint8Array.of(1, 2)) },
  { rowCount: 1, arrow: toBase64(Uint8Array.of(3)) },
]
const toText = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

describe('The rows of a metadata table in a response', () => {
  test.each([1, 7, 1000])('are the same in chunks of %i bytes', async (chunkBytes) => {
    const batches = await readAll(toStream(toText([...LINES, END]), chunkBytes))
    expect(batches).toEqual([
      { rowCount: 2, arrow: Uint8Array.of(1, 2) },
      { rowCount: 1, arrow: Uint8Array.of(3) },
    ])
  })

  test('are counted without columns', async () => {
    expect(await readAll(toStream(toText([{ rowCount: 3 }, END])))).toEqual([{ rowCount: 3, arrow: null }])
  })

  test.each([
    ['that ends before its last line', toText(LINES), 'server-unreachable', /ended before all rows had arrived/],
    ['that ends within a line', toText([...LINES, END]).slice(0, -3), 'server-unreachable', /ended before all rows/],
    ['with fewer rows than it says', toText([...LINES.slice(1), END]), 'internal', /1 rows .* instead of 3/],
    ['that is no JSON', '<html>\n', 'internal', /cannot be read/],
    ['with a line of another kind', '{"other": 1}\n', 'internal', /cannot be read/],
  ])('of a response %s are refused', async (_, text, code, message) => {
    const error = await readAll(toStream(text)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('end with the failure of the server', async () => {
    const problem = {
      code: 'file-missing',
      detail: 'The manifest is missing.',
      requestId: 'r1',
      facts: { location: 'x' },
    }
    const error = await readAll(toStream(toText([...LINES, { problem }]))).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'file-missing',
      message: 'The manifest is missing.',
      requestId: 'r1',
      facts: { location: 'x' },
    })
  })

  test('are not read further than they are needed', async () => {
    let isCancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(toText([{ rowCount: 2, arrow: 'AQ==' }]))),
      cancel: () => {
        isCancelled = true
      },
    })
    const cost = await load(body, { rowsNeeded: 5, limitBytes: 100 })
    expect(cost).toMatchObject({ rowCount: 6, decodedBytes: 3 })
    expect(isCancelled).toBe(true)
  })

  test('stop at the limit of memory', async () => {
    const request = { rowsNeeded: Number.POSITIVE_INFINITY, limitBytes: 2 }
    await expect(load(toStream(toText([...LINES, END])), request)).rejects.toMatchObject({ code: 'too-large' })
  })
})

async function load(body: ReadableStream<Uint8Array>, request: { rowsNeeded: number; limitBytes: number }) {
  const { signal } = new AbortController()
  const rows = { read: () => parseRows(body, signal) }
  const engine = { insert: async () => undefined }
  return await loadMetadataRows(
    rows,
    { names: ['a'], into: 't', onUnreadable: () => expect.unreachable(), ...request },
    engine,
    signal,
    () => undefined,
  )
}

async function readAll(body: ReadableStream<Uint8Array>): Promise<MetadataBatch[]> {
  const batches: MetadataBatch[] = []
  for await (const batch of parseRows(body, new AbortController().signal)) batches.push(batch)
  return batches
}

function toStream(text: string, chunkBytes = 1000): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + chunkBytes))
      at += chunkBytes
    },
  })
}
