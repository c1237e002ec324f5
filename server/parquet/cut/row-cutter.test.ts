import { describe, expect, test } from 'vitest'
import { toExactValue } from '@/testing/parquet/exact-value'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile } from '@/testing/parquet/read-whole-file'
import { SMALL_PAGES } from '@/testing/parquet/transcode-bytes'
import { CORPUS, corpusValues, readCorpusFile } from '@/testing/parquet-corpus/corpus-files'
import { createRandom } from '@/testing/parquet-corpus/mutate-file'
import type { ColumnLayout } from '../transcode/column-layout'
import { pageCompressors } from '../transcode/page-compressors'
import { writeContents } from '../transcode/transcode'
import type { FileContents } from '../transcode/transcoding'
import { joinFiles } from './join-files'
import { RowCutter, type RowRange } from './row-cutter'

const LAYOUT: ColumnLayout = { ...SMALL_PAGES, codec: 'uncompressed' }

function bytesSource(name: string, bytes: Uint8Array) {
  return { name, byteLength: bytes.length, read: async (start: number, end: number) => bytes.subarray(start, end) }
}

async function cutFile(name: string, ranges: readonly RowRange[], layout = LAYOUT) {
  const cutter = await RowCutter.open(bytesSource(name, readCorpusFile(name)), pageCodecs)
  const files = []
  for (const range of ranges) files.push(await write(await cutter.cut(range), layout))
  return files
}

async function write(contents: FileContents, layout = LAYOUT) {
  const parts: Uint8Array[] = []
  const file = await writeContents(
    contents,
    { write: async (part) => void parts.push(part) },
    { layout: { fallback: layout, byFieldId: new Map() }, codecs: pageCodecs, compressors: pageCompressors },
  )
  return { bytes: Buffer.concat(parts), file }
}

async function readValues(name: string, bytes: Uint8Array): Promise<Map<string, unknown[]>> {
  const columns = await readWholeFile(name, bytes, pageCodecs)
  return new Map(
    columns.map(({ field, values }) => [field.name, values.map((value) => toExactValue(field.type, value))]),
  )
}

async function countRows(name: string): Promise<number> {
  const [values] = (await readValues(name, readCorpusFile(name))).values()
  return values?.length ?? 0
}

/** Ranges of 1 to 40 rows; between some of them are rows that no range has. */
function listRanges(rowCount: number, seed: number): RowRange[] {
  const random = createRandom(seed)
  const ranges: RowRange[] = []
  for (let start = 0; start < rowCount; ) {
    const end = Math.min(rowCount, start + 1 + random(40))
    if (ranges.length % 5 < 4) ranges.push({ start, end })
    start = end
  }
  return ranges
}

describe('Files that are cut from a file of the corpus', () => {
  test.each(CORPUS)('have its rows, with and without dictionaries: %s', async (name) => {
    const ranges = listRanges(await countRows(name), CORPUS.indexOf(name))
    for (const dictionary of ['keep', 'drop'] as const) {
      for (const [i, { bytes, file }] of (await cutFile(name, ranges, { ...LAYOUT, dictionary })).entries()) {
        const { start, end } = ranges[i] ?? { start: 0, end: 0 }
        expect(file.rowCount).toBe(end - start)
        expect(file.rowGroups).toHaveLength(1)
        for (const [column, values] of await readValues(name, bytes)) {
          const expected = corpusValues(column).slice(start, end)
          expect(values, `${column} of rows ${start} to ${end}`).toEqual(expected)
        }
      }
    }
  })
})

describe('A file that is joined from small files', () => {
  test.each(CORPUS)('has their rows in one row group, or as many as its limits ask for: %s', async (name) => {
    const rowCount = await countRows(name)
    const ranges = Array.from({ length: Math.ceil(rowCount / 7) }, (_, i) => ({
      start: 7 * i,
      end: Math.min(rowCount, 7 * (i + 1)),
    }))
    const small = (await cutFile(name, ranges)).map(({ bytes }, i) => bytesSource(`${i}.parquet`, bytes))
    for (const [maxGroupRows, groupCount] of [
      [rowCount, 1],
      [70, Math.ceil(rowCount / 70)],
    ] as const) {
      const contents = await joinFiles(
        small.map((source) => ({ open: async () => source })),
        { maxGroupRows, maxGroupBytes: Infinity },
        pageCodecs,
      )
      const { bytes, file } = await write(contents)
      expect(file.rowCount).toBe(rowCount)
      expect(file.rowGroups).toHaveLength(groupCount)
      for (const [column, values] of await readValues(name, bytes)) expect(values, column).toEqual(corpusValues(column))
    }
  })

  test('has short pages no longer', async () => {
    const ranges = [0, 1, 2, 3].map((start) => ({ start, end: start + 1 }))
    const [name = ''] = CORPUS
    const small = await cutFile(name, ranges)
    const contents = await joinFiles(
      small.map(({ bytes }) => ({ open: async () => bytesSource('small.parquet', bytes) })),
      { maxGroupRows: 100, maxGroupBytes: Infinity },
      pageCodecs,
    )
    for (const decode of contents.chunks.values()) {
      const { pages } = await decode()
      expect(pages.filter(({ kind }) => kind === 'data')).toHaveLength(1)
    }
  })

  test('is refused when their columns differ', async () => {
    const files = await Promise.all(
      CORPUS.slice(0, 2).map(async (name) => {
        const [file] = await cutFile(name, [{ start: 0, end: 1 }])
        return { open: async () => bytesSource(name, file?.bytes ?? Buffer.alloc(0)) }
      }),
    )
    await expect(joinFiles(files, { maxGroupRows: 9, maxGroupBytes: 9 }, pageCodecs)).rejects.toThrow(
      'different columns',
    )
  })
})
