import { describe, expect, it } from 'vitest'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readFooter } from '@/lib/parquet/footer'
import { byCases } from '@/testing/property-cases'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { repeatedTextFile } from '@/testing/parquet/expanding-file'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { plainTextPage, sampleTextFile } from '@/testing/parquet/sample-file'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { SAMPLE_SIZE, samplePages } from './sample-pages'
import { tryCodec } from './try-codec'

const MIB = 1024 * 1024
const COLUMN = { fieldId: 1, path: ['s'], nameMapping: null, layout: { ...SMALL_PAGES, maxPageRows: 20_000 } }
const { signal } = new AbortController()

/** A dictionary of one text, and a page of indexes. */
function textFile(lengthBytes: number, name?: string) {
  return sourceOf(repeatedTextFile({ lengthBytes, rowCount: 1_000 }), name)
}

/** A file of DuckDB with one column of texts, field id 1. */
async function writeTexts(value: string, rowCount: number): Promise<Uint8Array> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-sample-'))
  const local = path.join(folder, 'a.parquet')
  await queryDuckdb(
    `COPY (SELECT ${value} AS s FROM range(${rowCount}) t(i)) TO '${local}' (FORMAT parquet, FIELD_IDS {s: 1})`,
  )
  const bytes = new Uint8Array(readFileSync(local))
  rmSync(folder, { recursive: true })
  return bytes
}

async function storedBytesOf(bytes: Uint8Array): Promise<number> {
  const { rowGroups } = await readFooter(sourceOf(bytes), {})
  return rowGroups.flatMap(({ columns }) => columns).reduce((total, { storedBytes }) => total + storedBytes, 0)
}

describe('A sample of pages', () => {
  it('leaves out dictionaries of more than 8 MiB, and has the other pages of their column', async () => {
    const { pages, fileNames } = await samplePages([textFile(9 * MIB, 'a.parquet')], COLUMN, signal)
    expect(fileNames).toEqual(['a.parquet'])
    expect(pages).toHaveLength(1)
    expect(pages[0]?.encodedBytes).toBeLessThan(100)
    expect((await samplePages([textFile(7 * MIB)], COLUMN, signal)).pages).toHaveLength(2)
    // It is not even read, so the indexes stay as they are.
    const [page, ...others] = (await samplePages([textFile(65 * MIB)], COLUMN, signal)).pages
    expect(others).toEqual([])
    expect(page?.parts.map(({ kind, body }) => [kind, body.length])).toEqual([['data', page?.encodedBytes]])
  })

  it('has at most 32 MiB and 96 pages, however large the pages of its files are', async () => {
    const large = Array.from({ length: 16 }, (_, i) => textFile(7 * MIB, `${i}.parquet`))
    const sample = await samplePages(large, COLUMN, signal)
    const bytes = sample.pages.reduce((sum, { encodedBytes }) => sum + encodedBytes, 0)
    expect(bytes).toBeGreaterThan(20 * MIB)
    expect(bytes).toBeLessThanOrEqual(32 * MIB)
    // Small pages of later files still fit.
    expect(sample.fileNames).toEqual(large.map(({ name }) => name))
    const small = Array.from({ length: 60 }, (_, i) => textFile(10, `${i}.parquet`))
    expect((await samplePages(small, COLUMN, signal)).pages).toHaveLength(96)
  })

  it('weighs its pages so that they add up to the encoded bytes of their column chunks', async () => {
    // Half of the dictionary's texts are in the first pages only.
    const written = await writeTexts(`CASE WHEN i < 3000 THEN 'text ' || i ELSE 'one' END`, 30_000)
    const { bytes } = await transcodeBytes('a', written, { ...SMALL_PAGES, codec: 'snappy' })
    const [chunk] = (await readFooter(sourceOf(bytes), {})).rowGroups.flatMap(({ columns }) => columns)
    if (!chunk?.offsetIndex) throw new Error('the file has no offset index')
    const { pages, isComplete } = await samplePages([sourceOf(bytes)], COLUMN, signal)
    expect([pages.length, isComplete]).toEqual([96, false])
    expect(pages.map(({ weight }) => weight).filter((weight) => weight === 1)).toHaveLength(1)
    const weighed = pages.reduce((sum, page) => sum + page.weight * (page.encodedBytes + page.overheadBytes), 0)
    expect(weighed).toBeCloseTo(chunk.encodedBytes, 3)
    // Without an offset index, and small enough to be read as a whole.
    const whole = await samplePages([sourceOf(written)], COLUMN, signal)
    expect([whole.isComplete, whole.pages.every(({ weight }) => weight === 1)]).toEqual([true, true])
  })

  it('forecasts the very bytes of a rewrite when it is complete, although the rewrite cuts its pages', async () => {
    const written = await writeTexts(`'text ' || (i % 7)`, 60_000)
    for (const dictionary of ['keep', 'drop'] as const) {
      const layout = { ...SMALL_PAGES, maxPageRows: 500, dictionary }
      const before = await storedBytesOf(written)
      const after = await storedBytesOf((await transcodeBytes('a', written, layout)).bytes)
      const sample = await samplePages([sourceOf(written)], { ...COLUMN, layout }, signal)
      const { change, error } = await tryCodec(sample, { codec: 'zstd', level: null }, { signal })
      expect([before * (1 + change), error]).toEqual([expect.closeTo(after, 6), 0])
    }
  })

  // The second size is an eighth of the first one, which a program has, with an eighth of the rows.
  it.each(byCases([8], [1, 8]))('has parts of pages above 8 MiB / %i, which stand for whole pages', async (divisor) => {
    const written = await writeTexts(
      `'a text ' || hash(i) || ' and ' || hash(i * 31) || repeat(' end', 20)`,
      122_880 / divisor,
    )
    const files = Array.from({ length: 16 }, (_, i) => sourceOf(written, `${i}.parquet`))
    const layout = {
      ...COLUMN.layout,
      maxPageRows: COLUMN.layout.maxPageRows / divisor,
      maxPageBytes: COLUMN.layout.maxPageBytes / divisor,
    }
    const size = {
      maxBytes: SAMPLE_SIZE.maxBytes / divisor,
      maxPartBytes: SAMPLE_SIZE.maxPartBytes / divisor,
    }
    const sample = await samplePages(files, { ...COLUMN, layout }, signal, size)
    const [page] = sample.pages
    expect(page?.encodedBytes).toBeGreaterThan(size.maxPartBytes)
    expect([page?.parts.length, sample.isComplete]).toEqual([2, false])
    const { change } = await tryCodec(sample, { codec: 'zstd', level: null }, { signal })
    const after = await storedBytesOf((await transcodeBytes('a', written, layout)).bytes)
    expect((await storedBytesOf(written)) * (1 + change)).toBeCloseTo(after, divisor === 1 ? -5 : -4)
  })

  it('names the file that is damaged or that has a codec that Lakeshore cannot read', async () => {
    const plain = plainTextPage(100)
    const page = { rowCount: 1, stored: plain, encodedBytes: plain.length }
    const damaged = sourceOf(sampleTextFile({ ...page, codec: 'snappy' }), 'damaged.parquet')
    await expect(samplePages([textFile(10), damaged], COLUMN, signal)).rejects.toMatchObject({
      code: 'file-damaged',
      facts: { file: 'damaged.parquet' },
    })
    const lzo = sourceOf(sampleTextFile({ ...page, codec: 'lzo' }), 'lzo.parquet')
    await expect(samplePages([lzo], COLUMN, signal)).rejects.toMatchObject({
      code: 'not-supported',
      facts: { file: 'lzo.parquet' },
    })
  })

  it('has the column of a file without field ids that the name mapping says, whatever its name', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-sample-'))
    const local = path.join(folder, 'a.parquet')
    await queryDuckdb(`COPY (SELECT 'v' || i AS s FROM range(1000) t(i)) TO '${local}' (FORMAT parquet)`)
    const file = sourceOf(readFileSync(local), 'a.parquet')
    rmSync(folder, { recursive: true })
    await expect(samplePages([file], COLUMN, signal)).rejects.toMatchObject({
      code: 'not-supported',
      facts: { file: 'a.parquet' },
    })
    const nameMapping = [{ fieldId: 1, names: ['s'], fields: [] }]
    const renamed = await samplePages([file], { ...COLUMN, path: ['t'], nameMapping }, signal)
    expect(renamed.pages.length).toBeGreaterThan(0)
    const addedAgain = samplePages([file], { ...COLUMN, fieldId: 2, nameMapping }, signal)
    await expect(addedAgain).rejects.toMatchObject({ code: 'not-found' })
  })
})
