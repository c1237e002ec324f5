import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { OversizedParquet } from '@/lib/parquet/errors'
import type { ReadTally } from './counted-source'
import { createFilteredRows, type FilteredRowsOptions } from './filtered-rows'
import { bindPredicate } from './predicate/bind-predicate'
import { parsePredicateText } from './predicate/predicate-text'
import { openDataFile } from './read/data-file'

/** Three files of 5,000 rows, in row groups of 2,048, as DuckDB writes them. */
const FILES = [0, 1, 2].map((index) => ({ filePath: `${index}.parquet`, recordCount: 5_000 }))
const fields: NestedField[] = [
  { id: 1, name: 'n', required: false, type: 'int' },
  { id: 2, name: 'word', required: false, type: 'string' },
]

let folder: string
let duckdb: DuckDBConnection
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-filtered-'))
  duckdb = await (await DuckDBInstance.create()).connect()
  for (const [index, { filePath }] of FILES.entries()) {
    const from = 5_000 * index
    await duckdb.run(
      `COPY (SELECT range::INT AS n, 'w' || (range % 700) AS word FROM range(${from}, ${from + 5_000}))
       TO '${path.join(folder, filePath)}' (FORMAT parquet, ROW_GROUP_SIZE 2048, FIELD_IDS {n: 1, word: 2})`,
    )
  }
})
afterAll(() => {
  duckdb.closeSync()
  rmSync(folder, { recursive: true })
})

type File = (typeof FILES)[number]

async function* listFiles() {
  for (const file of FILES) yield await Promise.resolve(file)
}

function filter(
  text: string,
  {
    tally = { bytesRead: 0, requests: 0 },
    ...options
  }: Partial<FilteredRowsOptions<File>> & { tally?: ReadTally } = {},
) {
  const opened: string[] = []
  const rows = createFilteredRows<File>({
    predicate: bindPredicate(parsePredicateText(text), { fields }),
    fields,
    tasks: listFiles(),
    open: async ({ filePath, recordCount }) => {
      opened.push(filePath)
      const source = sourceOf(readFileSync(path.join(folder, filePath)), filePath)
      const facts = { recordCount, constants: new Map(), nameMapping: null }
      return openDataFile(source, facts, {
        codecs: pageCodecs,
        tally,
        tailBytes: 65_536,
      })
    },
    createBudget: () => () => undefined,
    createValueBudget: () => () => undefined,
    ...options,
  })
  return { rows, opened }
}

describe('The rows that pass a filter', () => {
  it('are addressed among themselves, and searched only as far as they are requested', async () => {
    const { rows, opened } = filter('word = "w699"')
    const first = await rows.readRows({ firstRow: 0, lastRow: 3, fieldIds: [2, 1] })
    expect([...first.columns]).toEqual([
      [2, ['w699', 'w699', 'w699']],
      [1, [699, 1399, 2099]],
    ])
    expect(rows.progress()).toMatchObject({ matchCount: 5, isComplete: false, rowGroupsSearched: 2 })
    expect(new Set(opened)).toEqual(new Set(['0.parquet']))

    const rest = await rows.readRows({ firstRow: 5, lastRow: 100, fieldIds: [1] })
    expect(rest).toMatchObject({ firstRow: 5, lastRow: 21 })
    expect(rest.columns.get(1)).toEqual(Array.from({ length: 16 }, (_, i) => 700 * (i + 6) - 1))
    expect(rows.progress()).toMatchObject({ matchCount: 21, isComplete: true, filesSearched: 3 })
  })

  it('skip the row groups that cannot have one', async () => {
    const { rows } = filter('n >= 9000 and n < 9003')
    const { columns } = await rows.readRows({ firstRow: 0, lastRow: 10, fieldIds: [1] })
    expect(columns.get(1)).toEqual([9000, 9001, 9002])
    // All but the row group of 2,048 rows that has them.
    const { skipped, rowGroupsSearched } = rows.progress()
    expect(15_000 - skipped.statistics.rows).toBeLessThanOrEqual(2048)
    expect(skipped.statistics.rowGroups).toBe(rowGroupsSearched - 1)
  })

  it('leave out deleted rows', async () => {
    const { rows } = filter('n < 10 or n = 5001', {
      withoutDeleted: ({ filePath }, positions) =>
        positions.filter((position) => filePath !== '0.parquet' || position % 2 === 0),
    })
    const { columns } = await rows.readRows({ firstRow: 0, lastRow: 10, fieldIds: [1] })
    expect(columns.get(1)).toEqual([0, 2, 4, 6, 8, 5001])
  })

  it('are searched a row group at a time, and read with the files that they are from', async () => {
    const { rows } = filter('n in (10, 3000, 7000)')
    await rows.searchNext()
    expect(rows.progress()).toMatchObject({ matchCount: 1, rowGroupsSearched: 1, filesSearched: 0 })
    await rows.searchNext()
    await rows.searchNext()
    expect(rows.progress()).toMatchObject({ matchCount: 2, rowGroupsSearched: 3, filesSearched: 1 })
    while (!rows.progress().isComplete) await rows.searchNext()
    await rows.searchNext()
    expect(rows.progress()).toMatchObject({ matchCount: 3, rowGroupsSearched: 9, filesSearched: 3 })
    const { sources, positions } = await rows.readRows({ firstRow: 1, lastRow: 3, fieldIds: [] })
    expect(sources.map(({ file, ...range }) => [file.filePath, range])).toEqual([
      ['0.parquet', { firstRow: 1, lastRow: 2 }],
      ['1.parquet', { firstRow: 2, lastRow: 3 }],
    ])
    expect([...positions]).toEqual([3000, 2000])
  })

  it('are not read again while their pages are cached', async () => {
    const tally = { bytesRead: 0, requests: 0 }
    const { rows } = filter('word = "w5"', { tally })
    await rows.readRows({ firstRow: 0, lastRow: 2, fieldIds: [1, 2] })
    const { requests } = tally
    // Opening a file again reads its footer; the columns are cached.
    await rows.readRows({ firstRow: 0, lastRow: 2, fieldIds: [1, 2] })
    expect(tally.requests - requests).toBe(1)
  })

  it('know their file and position', async () => {
    const { rows } = filter('n in (4999, 5001, 14999)')
    expect(await rows.findFile(1)).toEqual({ path: '1.parquet', position: 1 })
    expect(await rows.findFile(0)).toEqual({ path: '0.parquet', position: 4999 })
    expect(await rows.findFile(3)).toBeNull()
    expect((await rows.readRows({ firstRow: 7, lastRow: 9, fieldIds: [1] })).columns.get(1)).toEqual([])
  })

  it('are not lost when a file cannot be read at first', async () => {
    let failures = 1
    const { rows } = filter('n = 7000', {
      withoutDeleted: ({ filePath }, positions) => {
        if (filePath === '1.parquet' && failures-- > 0) throw new OversizedParquet('too much at once')
        return positions
      },
    })
    const read = () => rows.readRows({ firstRow: 0, lastRow: 1, fieldIds: [1] })
    await expect(read()).rejects.toMatchObject({ code: 'too-large', message: expect.stringContaining('1.parquet') })
    expect((await read()).columns.get(1)).toEqual([7000])
  })

  it('are limited in number', async () => {
    const { rows } = filter('n >= 0', { maxMatches: 6_000 })
    await rows.readRows({ firstRow: 0, lastRow: 10, fieldIds: [1] })
    const readAll = rows.readRows({ firstRow: 0, lastRow: 10_000, fieldIds: [1] })
    await expect(readAll).rejects.toMatchObject({ code: 'too-large' })
  })

  it('are not searched after an abort', async () => {
    const { rows, opened } = filter('n >= 0')
    const read = rows.readRows({ firstRow: 0, lastRow: 10, fieldIds: [1], signal: AbortSignal.abort() })
    await expect(read).rejects.toThrow('aborted')
    expect(opened).toEqual([])
  })

  it('have only columns of the schema', async () => {
    const read = filter('n >= 0').rows.readRows({ firstRow: 0, lastRow: 10, fieldIds: [9] })
    await expect(read).rejects.toMatchObject({ code: 'invalid-request' })
  })
})
