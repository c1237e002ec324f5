import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { readFooter } from '@/lib/parquet/footer'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { sampleTextFile } from '@/testing/parquet/sample-file'
import { createRowReader } from '@/lib/scan/read-rows'
import { openFile } from '@/lib/query/load/decode'
import { createRemoteSource } from './remote-file'

afterEach(() => vi.unstubAllGlobals())

const encodePlain = (texts: readonly string[]) =>
  Buffer.concat(
    texts.map((text) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(text.length)
      return Buffer.concat([length, Buffer.from(text)])
    }),
  )
const STORED = encodePlain(['one', 'two', 'three'])
const FILE = sampleTextFile({ rowCount: 3, codec: 'uncompressed', stored: STORED, encodedBytes: STORED.length })

/** A server that supports ranges (RFC 9110 section 14), over a file with its own length. */
function serveRanges(
  bytes: Uint8Array,
  behaviour: { ignoresRanges?: boolean; headers?: Record<string, string> } = {},
): string[] {
  const ranges: string[] = []
  vi.stubGlobal('fetch', async (_url: string, init?: { headers?: { range?: string } }) => {
    const header = init?.headers?.range ?? null
    ranges.push(String(header))
    const range = behaviour.ignoresRanges ? null : parseRange(header ?? '', bytes.length)
    if (range === 'unsatisfiable') {
      const problem = {
        type: 'about:blank',
        title: 'no',
        status: 416,
        code: 'range-not-satisfiable',
        detail: 'no',
        facts: {},
      }
      return Response.json({ ...problem, requestId: 'r' }, { status: 416 })
    }
    if (!range) return new Response(new Uint8Array(bytes))
    const { start, end } = range
    const headers = { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}`, ...behaviour.headers }
    return new Response(new Uint8Array(bytes.subarray(start, end)), { status: 206, headers })
  })
  return ranges
}

function parseRange(header: string, length: number): { start: number; end: number } | 'unsatisfiable' {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? []
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const end = first === '' ? length : Math.min(length, Number(last) + 1)
  return start < end ? { start, end } : 'unsatisfiable'
}

const createSource = (byteLength: number) => createRemoteSource({ url: '/f', name: 'f.parquet', byteLength })

test('A file is read at its real length, whatever its table says, and the difference is reported', async () => {
  serveRanges(FILE)
  const size = fc.oneof(fc.nat({ max: FILE.length * 2 }), fc.nat({ max: 2 ** 40 }))
  await fc.assert(
    fc.asyncProperty(size, async (fileSizeBytes) => {
      const file = {
        path: 'f.parquet',
        fileSizeBytes,
        recordCount: 3,
        firstRowIndex: 0,
        sequenceNumber: 1,
        firstRowId: null,
        constants: new Map(),
      }
      const fields = [{ id: 1, name: 's', required: true, type: 'string' as const }]
      const reader = createRowReader({
        codecs: pageCodecs,
        fields,
        files: [file],
        open: () => createSource(fileSizeBytes),
      })
      const { columns } = await reader.readRows({ firstRow: 0, lastRow: 3, fieldIds: [1] })
      expect(columns.get(1)).toEqual(['one', 'two', 'three'])
      expect(reader.cost().sizeMismatches).toEqual(
        fileSizeBytes === FILE.length
          ? []
          : [{ path: 'f.parquet', declaredBytes: fileSizeBytes, actualBytes: FILE.length }],
      )
    }),
    propertyRuns(),
  )
})

test('The decoder of queries finds its footer with the same number of requests', async () => {
  const facts = { recordCount: 3, tailBytes: 64 * 1024, constants: new Map(), nameMapping: null }
  const ranges = serveRanges(FILE)
  const { rowGroups, footerReadBytes, source: opened } = await openFile(createSource(17), facts, pageCodecs)
  expect([rowGroups, footerReadBytes, opened.byteLength]).toMatchObject([[{ rowCount: 3 }], FILE.length, FILE.length])
  expect(ranges).toEqual(['bytes=-65536'])
  const shortTail = await openFile(createSource(17), { ...facts, tailBytes: 12 }, pageCodecs)
  expect(shortTail.rowGroups).toEqual(rowGroups)
  expect(ranges).toHaveLength(3)
})

test('A server that ignores ranges is supported', async () => {
  serveRanges(FILE, { ignoresRanges: true })
  const ignoringSource = createSource(1)
  expect((await readFooter(ignoringSource, { tailBytes: 12 })).rowCount).toBe(3)
  expect(ignoringSource.byteLength).toBe(FILE.length)
})

test.each([
  ['empty', new Uint8Array(), 'is empty'],
  ['too short for Parquet', new Uint8Array(11), '11 bytes long'],
  ['something else', new Uint8Array(100), 'the Parquet footer is missing'],
])('A file that is %s is damaged', async (_what, bytes, words) => {
  serveRanges(bytes)
  await expect(readFooter(createSource(1000))).rejects.toThrow(
    expect.objectContaining({ code: 'file-damaged', message: expect.stringContaining(words) as string }),
  )
})

test.each(['bytes 0-10/20', 'nonsense'])(
  'A response with another range than the end (%s) is refused',
  async (range) => {
    serveRanges(FILE, { headers: { 'content-range': range } })
    await expect(readFooter(createSource(FILE.length))).rejects.toThrow(
      expect.objectContaining({ code: 'file-damaged' }),
    )
  },
)

test('An incomplete response is refused', async () => {
  serveRanges(FILE)
  await expect(createSource(1000).read(0, 1000)).rejects.toThrow(expect.objectContaining({ code: 'file-damaged' }))
})
