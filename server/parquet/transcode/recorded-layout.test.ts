import { describe, expect, it } from 'vitest'
import { readFooter } from '@/lib/parquet/footer'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { readCorpusFile } from '@/testing/parquet-corpus/corpus-files'
import type { ColumnLayout, FileLayout } from './column-layout'
import { differingLeaves, LAYOUT_KEY, layoutRecord } from './recorded-layout'

const OF_TABLE: ColumnLayout = { ...SMALL_PAGES, codec: 'zstd' }
const layoutOf = (change: Partial<ColumnLayout> = {}, own: Partial<ColumnLayout> | null = null): FileLayout => {
  const fallback = { ...OF_TABLE, ...change }
  return { fallback, byFieldId: own ? new Map([[1, { ...fallback, ...own }]]) : new Map() }
}

/** The footer of a file of the corpus that was written with a layout. @param record null: it has no record */
async function footerOf(layout: FileLayout, record: string | null) {
  const { bytes } = await transcodeBytes('v1-none.parquet', readCorpusFile('v1-none.parquet'), layout.fallback, {
    layout,
    ...(record !== null && { keyValues: () => ({ [LAYOUT_KEY]: record }) }),
  })
  const read = (start: number, end: number) => Promise.resolve(bytes.slice(start, end))
  return readFooter({ name: 'a', byteLength: bytes.length, read })
}

/** Whether a file that was written and recorded with one layout differs from another; the first leaf has the id 1. */
async function differs(written: FileLayout, requested: FileLayout, record: string | null = layoutRecord(written, [1])) {
  const footer = await footerOf(written, record)
  const leaves = differingLeaves(footer, requested, (leaf) => (leaf === footer.leaves[0] ? 1 : null))
  return { count: leaves.length, ofAll: footer.leaves.length, leaves }
}

describe('A file', () => {
  it('is as set when it was written with the same layout, or the usual level is spelled out', async () => {
    expect((await differs(layoutOf(), layoutOf())).count).toBe(0)
    expect((await differs(layoutOf(), layoutOf({ level: 3 }))).count).toBe(0)
    expect((await differs(layoutOf({ codec: 'snappy' }), layoutOf({ codec: 'snappy', level: 9 }))).count).toBe(0)
  })

  it.each<Partial<ColumnLayout>>([
    { codec: 'gzip' },
    { level: 9 },
    { maxPageRows: 8 },
    { maxPageBytes: 1000 },
    { statistics: 'chunk' },
  ])('differs in every column when the table has %o', async (change) => {
    const { count, ofAll } = await differs(layoutOf(), layoutOf(change))
    expect(count).toBe(ofAll)
  })

  it('differs in one column when that has settings of its own, or has them no more', async () => {
    expect((await differs(layoutOf(), layoutOf({}, { maxPageRows: 3 }))).leaves).toEqual([0])
    const written = layoutOf({}, { maxPageRows: 3 })
    expect(JSON.parse(layoutRecord(written, [1]))).toMatchObject({ columns: { 1: { maxPageRows: 3 } } })
    expect((await differs(layoutOf(), layoutOf({}, { dictionary: 'keep' }))).leaves).toEqual([])
  })

  it('differs where it lacks a requested Bloom filter, or that it has for another rate', async () => {
    const filter = (falsePositiveRate: number) =>
      layoutOf({ bloomFilter: { maxBytes: 4096, falsePositiveRate, distinctCount: null } })
    const { count, ofAll } = await differs(layoutOf(), filter(0.01))
    // Boolean columns have no filter.
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(ofAll)
    expect((await differs(filter(0.01), filter(0.01))).count).toBe(0)
    expect((await differs(filter(0.01), filter(0.1))).count).toBe(count)
    expect((await differs(filter(0.01), layoutOf())).count).toBe(0)
    expect((await differs(filter(0.01), layoutOf({ bloomFilter: 'drop' }))).count).toBe(count)
  })

  it('of another writer is as set when it has a Bloom filter, whatever its size', async () => {
    const written = layoutOf({ bloomFilter: { maxBytes: 4096, falsePositiveRate: 0.1, distinctCount: null } })
    const requested = layoutOf({ bloomFilter: { maxBytes: 1024, falsePositiveRate: 0.01, distinctCount: 100 } })
    expect((await differs(written, requested, null)).count).toBe(0)
  })

  it('differs where it has dictionaries that are not requested', async () => {
    const { count, ofAll } = await differs(layoutOf(), layoutOf({ dictionary: 'drop' }))
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(ofAll)
  })

  it('that records nothing, or nothing legible, differs by a level that is set, and not by its pages', async () => {
    for (const record of [null, 'x', '{"all": 3}', '[]']) {
      expect((await differs(layoutOf(), layoutOf({ maxPageRows: 3, statistics: 'none' }), record)).count).toBe(0)
      const { count, ofAll } = await differs(layoutOf(), layoutOf({ level: 3 }), record)
      expect(count).toBe(ofAll)
    }
  })
})
