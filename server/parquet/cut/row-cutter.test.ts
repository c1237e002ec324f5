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
import { RowCutter, type RowRange } from './row-cutter'

const LAYOUT: ColumnLayout = { ...SMALL_PAGES, codec: 'uncompressed' }

function bytesSource(name: string, bytes: Uint8Array) {
  return { name, byteLength: bytes.length, read: async (start: number, end: number) => bytes.subarray(start, end) }
}

async function cutFile(name: string, ranges: readonly RowRange[], layout = LAYOUT) {
  const cutter = await RowCutter.open(bytesSource(name, readCorpusFile(name)), pageCodecs)
  const files = []
  for (const range of ranges) {
    const parts: Uint8Array[] = []
    const file = await writeContents(
      await cutter.cut(range),
      { write: async (part) => void parts.push(part) },
      { layout: { fallback: layout, byFieldId: new Map() }, codecs: pageCodecs, compressors: pageCompressors },
    )
    files.push({ bytes: Buffer.concat(parts), file })
  }
  return files
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
