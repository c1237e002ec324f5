import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { byCases } from '@/testing/property-cases'
import { toExactValue } from '@/testing/parquet/exact-value'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile } from '@/testing/parquet/read-whole-file'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { CORPUS, corpusValues, readCorpusFile } from '@/testing/parquet-corpus/corpus-files'
import { createRandom, findCheckedPages, mutate } from '@/testing/parquet-corpus/mutate-file'
import type { ColumnLayout, WrittenCodec } from './column-layout'

/** The corpus has every encoding of every physical type, nested and nullable, in pages of both versions. */

const LEVELS: readonly [WrittenCodec, readonly (number | null)[]][] = [
  ['uncompressed', [null]],
  ['snappy', [null]],
  ['gzip', [null, 1, 9]],
  ['zstd', [null, 1, 19]],
  ['brotli', [null, 0, 11]],
  ['lz4_raw', [null]],
]
const CODECS = LEVELS.flatMap(([codec, levels]) => levels.map((level) => ({ codec, level })))
const SPLIT_FILES = ['v1-none.parquet', 'v2-none.parquet', 'v1-snappy.parquet', 'v2-snappy.parquet', 'legacy.parquet']

const SOME_OF_CORPUS = CORPUS.filter((_, i) => i % 4 === 0)

/** The values of all columns, and PyArrow's. */
async function readCorpusValues(name: string, bytes: Uint8Array) {
  const columns = await readWholeFile(name, bytes, pageCodecs)
  const values = columns.map(({ field, values }) => [
    field.name,
    values.map((value) => toExactValue(field.type, value)),
  ])
  return { values, expected: columns.map(({ field }) => [field.name, corpusValues(field.name)]) }
}

describe('A transcoded file of the corpus', () => {
  test.each(byCases(SOME_OF_CORPUS, CORPUS))('has the values of the original, in small pages: %s', async (name) => {
    const { bytes } = await transcodeBytes(name, readCorpusFile(name), SMALL_PAGES)
    const { values, expected } = await readCorpusValues(name, bytes)
    expect(values.length).toBeGreaterThan(5)
    expect(values).toEqual(expected)
  })

  test.each(
    byCases(
      CODECS.filter(({ level }) => level === null),
      CODECS,
    ),
  )('has the values of the original with $codec, level $level', async (codec) => {
    for (const name of SPLIT_FILES.slice(0, 2)) {
      const { bytes } = await transcodeBytes(name, readCorpusFile(name), { ...SMALL_PAGES, ...codec })
      const { values, expected } = await readCorpusValues(name, bytes)
      expect(values).toEqual(expected)
    }
  })

  test.each(byCases(SPLIT_FILES.slice(-2), SPLIT_FILES))(
    'has the values of the original with a row a page and no dictionary: %s',
    async (name) => {
      const layout = { ...SMALL_PAGES, codec: 'uncompressed', maxPageRows: 1, dictionary: 'drop' } as const
      const { bytes, file } = await transcodeBytes(name, readCorpusFile(name), layout)
      const { values, expected } = await readCorpusValues(name, bytes)
      expect(values).toEqual(expected)
      const pages = file.rowGroups.flatMap(({ columns }) => columns.flatMap((column) => column.pages))
      expect(pages.filter(({ kind, encoding }) => kind === 'dictionary' || encoding.endsWith('DICTIONARY'))).toEqual([])
    },
  )

  test('has the same bytes when it is transcoded again, whatever the layout', async () => {
    const layouts = fc.record<ColumnLayout>({
      codec: fc.constantFrom(...LEVELS.map(([codec]) => codec)),
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
    await fc.assert(
      fc.asyncProperty(layouts, fc.constantFrom(...CORPUS), async (layout, name) => {
        const once = await transcodeBytes(name, readCorpusFile(name), layout)
        const twice = await transcodeBytes(name, once.bytes, layout)
        expect(Buffer.compare(twice.bytes, once.bytes), name).toBe(0)
        const { values, expected } = await readCorpusValues(name, once.bytes)
        expect(values).toEqual(expected)
      }),
      { numRuns: byCases(5, 25), seed: 45 },
    )
  })
})

describe('A damaged file', () => {
  const ROUNDS = byCases(3, 12)
  const MUTATIONS_PER_ROUND = 12
  const layout = { ...SMALL_PAGES, codec: 'uncompressed' } as const

  test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'is refused with its name, or transcoded to a file with its rows, round %i',
    async (round) => {
      const random = createRandom(round)
      for (let i = 0; i < MUTATIONS_PER_ROUND; i++) {
        const name = CORPUS[(round * MUTATIONS_PER_ROUND + i) % CORPUS.length] ?? ''
        const original = readCorpusFile(name)
        const pages = await findCheckedPages(name, original)
        const { bytes, isInPage } = mutate({ bytes: original, pages }, random)
        const what = `round ${round}, mutation ${i} of ${name}`
        const rows = await transcodeRows(name, bytes)
        const expected = isInPage ? await readRows(name, original) : await readRows(name, bytes)
        expect([REFUSED, expected], what).toContain(rows)
      }
    },
  )

  const REFUSED = 'refused with its name'

  /** The rows of the transcoded file; {@link REFUSED}; or any other error. */
  async function transcodeRows(name: string, bytes: Uint8Array): Promise<string> {
    try {
      return await readRows(name, (await transcodeBytes(name, bytes, layout)).bytes)
    } catch (error) {
      return error instanceof AppError && error.message.includes(name) ? REFUSED : String(error)
    }
  }

  /** The rows, or the error of a damaged file. */
  async function readRows(name: string, bytes: Uint8Array): Promise<string> {
    const columns = await readWholeFile(name, bytes, pageCodecs).catch((error: unknown) => String(error))
    if (typeof columns === 'string') return columns
    return JSON.stringify(
      columns.map(({ field, values }) => [field.name, values.map((value) => toExactValue(field.type, value))]),
    )
  }
})
