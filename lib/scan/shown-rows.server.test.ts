import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, describe, expect, test } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { AvroBlockCodecs } from '@/lib/iceberg/avro/codecs'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { createFilteredRows } from './filtered-rows'
import { bindPredicate } from './predicate/bind-predicate'
import { parsePredicateText } from './predicate/predicate-text'
import { createRowReader } from './read-rows'
import { openDataFile } from './read/data-file'
import { readSparseRows } from './sort/read-sparse-rows'

/** Two files have three rows each. The first has texts where the table has numbers, and a damaged page. */
const FIELDS: readonly NestedField[] = [
  { id: 1, name: 'n', required: false, type: 'long' },
  { id: 2, name: 'count', required: false, type: 'long' },
  { id: 3, name: 'mark', required: false, type: 'string' },
]
const NO_AVRO: AvroBlockCodecs = {
  decompress: () => {
    throw new Error('a Parquet file has no Avro block')
  },
}

const bytesOf = new Map<string, Uint8Array>()
beforeAll(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-shown-'))
  const duckdb = await (await DuckDBInstance.create()).connect()
  for (const [name, count] of [
    ['a.parquet', "'x' || n"],
    ['b.parquet', 'n * 10'],
  ] as const) {
    const file = path.join(folder, name)
    await duckdb.run(
      `COPY (SELECT n, ${count} AS count, repeat('m', 40) || n AS mark FROM range(3) t(n)) TO '${file}'
       (FORMAT parquet, COMPRESSION uncompressed, FIELD_IDS {n: 1, count: 2, mark: 3})`,
    )
    bytesOf.set(name, new Uint8Array(readFileSync(file)))
  }
  duckdb.closeSync()
  const damaged = bytesOf.get('a.parquet') ?? new Uint8Array()
  // The length of the first text, which then reaches beyond the page.
  const text = Buffer.from(damaged).indexOf('m'.repeat(40))
  new DataView(damaged.buffer, damaged.byteOffset).setUint32(text - 4, 0x7fff_ffff, true)
  rmSync(folder, { recursive: true })
})

const FILES = ['a.parquet', 'b.parquet'].map((name) => ({ path: name, filePath: name, recordCount: 3 }))
const openBytes = (name: string) => sourceOf(bytesOf.get(name) ?? new Uint8Array())

const openReader = () =>
  createRowReader({
    fields: FIELDS,
    files: FILES.map((file, index) => ({
      ...file,
      firstRowIndex: 3 * index,
      fileSizeBytes: bytesOf.get(file.path)?.length ?? 0,
      sequenceNumber: 1,
      constants: new Map(),
    })),
    open: (file) => openBytes(file.path),
    codecs: { ...pageCodecs, avro: NO_AVRO },
  })

const ALL = { firstRow: 0, lastRow: 6, fieldIds: [1, 2, 3] }
const NOT_A_NUMBER = {
  code: 'not-supported',
  file: 'a.parquet',
  message: 'a.parquet: column count holds BYTE_ARRAY (string), which cannot be read as long',
}
const DAMAGED = {
  code: 'file-damaged',
  file: 'a.parquet',
  message: expect.stringMatching(/^a\.parquet: column mark: /),
}

describe('Rows for a view', () => {
  test('have the columns that can be read, and say of each other cell why it cannot', async () => {
    const { columns, positions } = await openReader().readShownRows(ALL)
    expect(columns.get(1)).toEqual([0n, 1n, 2n, 0n, 1n, 2n])
    expect(columns.get(2)).toEqual([NOT_A_NUMBER, NOT_A_NUMBER, NOT_A_NUMBER, 0n, 10n, 20n])
    expect(columns.get(3)?.slice(0, 3)).toEqual([DAMAGED, DAMAGED, DAMAGED])
    expect(columns.get(3)?.slice(3)).toEqual([0, 1, 2].map((n) => 'm'.repeat(40) + n))
    expect([...positions]).toEqual([0, 1, 2, 0, 1, 2])
  })

  test('have no value at all where no column can be read', async () => {
    const { columns } = await openReader().readShownRows({ firstRow: 1, lastRow: 2, fieldIds: [2, 3] })
    expect([columns.get(2), columns.get(3)]).toEqual([[NOT_A_NUMBER], [DAMAGED]])
  })

  test('are the same where they are read one by one', async () => {
    const reader = openReader()
    const { columns } = await readSparseRows((options) => reader.readShownRows(options), [2, 5], [1, 2])
    expect([columns.get(1), columns.get(2)]).toEqual([
      [2n, 2n],
      [NOT_A_NUMBER, 20n],
    ])
  })

  test('are the same with a filter of another column', async () => {
    const rows = createFilteredRows({
      predicate: bindPredicate(parsePredicateText('n >= 1'), { fields: FIELDS }),
      fields: FIELDS,
      tasks: (async function* () {
        for (const file of FILES) yield await Promise.resolve(file)
      })(),
      open: ({ filePath, recordCount }) =>
        openDataFile(
          openBytes(filePath),
          { recordCount, constants: new Map(), nameMapping: null },
          { codecs: { ...pageCodecs, avro: NO_AVRO }, tally: { bytesRead: 0, requests: 0 }, tailBytes: 1_000 },
        ),
      createBudget: () => () => undefined,
      createValueBudget: () => () => undefined,
    })
    const { columns } = await rows.readShownRows(ALL)
    expect([columns.get(1), columns.get(2)]).toEqual([
      [1n, 2n, 1n, 2n],
      [NOT_A_NUMBER, NOT_A_NUMBER, 10n, 20n],
    ])
    await expect(rows.readRows(ALL)).rejects.toMatchObject({ code: 'not-supported' })
  })
})

test('Rows for any other use fail when a column cannot be read', async () => {
  await expect(openReader().readRows(ALL)).rejects.toMatchObject({
    code: 'not-supported',
    message: expect.stringContaining('a.parquet: column '),
  })
  const { columns } = await openReader().readRows({ ...ALL, fieldIds: [1] })
  expect(columns.get(1)).toEqual([0n, 1n, 2n, 0n, 1n, 2n])
})
