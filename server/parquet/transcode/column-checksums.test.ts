import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFooter } from '@/lib/parquet/footer'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { byCases } from '@/testing/property-cases'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { CORPUS, readCorpusFile } from '@/testing/parquet-corpus/corpus-files'
import { ColumnChecksums, readColumnChecksums } from './column-checksums'
import type { ColumnLayout, FileLayout } from './column-layout'

const toSource = (name: string, bytes: Uint8Array) => ({
  name,
  byteLength: bytes.length,
  read: (start: number, end: number) => Promise.resolve(bytes.slice(start, end)),
})
const read = async (name: string, bytes: Uint8Array, layout: FileLayout) =>
  (await readColumnChecksums(toSource(name, bytes), layout, { codecs: pageCodecs })).checksums

const LAYOUTS = fc.record<ColumnLayout>({
  codec: fc.constantFrom('uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'),
  level: fc.constant(null),
  maxPageRows: fc.integer({ min: 1, max: 30 }),
  maxPageBytes: fc.integer({ min: 1, max: 200 }),
  dictionary: fc.constantFrom('keep', 'drop'),
  statistics: fc.constantFrom('none', 'chunk', 'page'),
  bloomFilter: fc.constantFrom<ColumnLayout['bloomFilter']>('keep', 'drop', {
    maxBytes: 4096,
    falsePositiveRate: 0.01,
    distinctCount: null,
  }),
})

describe('Checksums of columns', () => {
  test('are those of the pages that were transcoded, whatever the layout', async () => {
    await fc.assert(
      fc.asyncProperty(LAYOUTS, LAYOUTS, fc.constantFrom(...CORPUS), async (fallback, own, name) => {
        const original = readCorpusFile(name)
        const { leaves } = await readFooter(toSource(name, original))
        const fieldId = leaves.find((node) => node.fieldId !== null)?.fieldId ?? 0
        const layout: FileLayout = { fallback, byFieldId: new Map([[fieldId, own]]) }
        const seen = new ColumnChecksums(layout)
        const { bytes } = await transcodeBytes(name, original, fallback, { layout, onPage: seen.add })
        const checksums = await read(name, bytes, layout)
        expect(checksums).toEqual(seen.finish(leaves))
        expect(checksums).toEqual(await read(name, original, layout))
      }),
      { numRuns: byCases(5, 20), seed: 57 },
    )
  })

  test('differ when one value, one null or the order of rows differs', async () => {
    const layout: FileLayout = { fallback: SMALL_PAGES, byFieldId: new Map() }
    const base = await read('v1-none.parquet', readCorpusFile('v1-none.parquet'), layout)
    expect(new Set(base.map(({ sha256 }) => sha256)).size).toBeGreaterThan(5)
    const footer = await readFooter(toSource('v1-none.parquet', readCorpusFile('v1-none.parquet')))
    for (const leaf of footer.leaves) {
      const column = base.find(({ path }) => path.join('.') === leaf.path.join('.'))
      expect(column?.valueCount).toBeGreaterThan(0)
    }
    const page = (definitions: number[], values: number[]) =>
      ({
        kind: 'data',
        header: { valueCount: definitions.length, encoding: 'PLAIN' },
        definitions: Uint8Array.from(definitions),
        repetitions: null,
        nonNullCount: values.length,
        valueBytes: new Uint8Array(0),
        values: { kind: 'numbers', data: Int32Array.from(values) },
      }) as unknown as Parameters<ColumnChecksums['add']>[1]
    const node = { path: ['a'], fieldId: 1, maxDefinition: 1, maxRepetition: 0 } as unknown as Parameters<
      ColumnChecksums['add']
    >[0]
    const checksumOf = (...pages: ReturnType<typeof page>[]) => {
      const checksums = new ColumnChecksums(layout)
      for (const one of pages) checksums.add(node, one)
      return checksums.finish([node])[0]?.sha256
    }
    const whole = checksumOf(page([1, 0, 1, 1], [5, 6, 7]))
    expect(checksumOf(page([1, 0], [5]), page([1, 1], [6, 7]))).toBe(whole)
    expect(checksumOf(page([1, 0, 1, 1], [5, 6, 8]))).not.toBe(whole)
    expect(checksumOf(page([1, 1, 0, 1], [5, 6, 7]))).not.toBe(whole)
    expect(checksumOf(page([1, 0, 1, 1], [6, 5, 7]))).not.toBe(whole)
    expect(checksumOf(page([1, 0, 1], [5, 6]))).not.toBe(whole)
  })
})
