import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { Field, RecordBatchFileWriter, Schema, Table, TimestampNanosecond, Uint64 } from 'apache-arrow'
import { beforeEach, expect, it } from 'vitest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createParquetEncoder } from '@/lib/scan/output/parquet-encoder'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { useShortPauses } from '@/testing/clock'
import { createTestHome } from '@/testing/homes/test-home'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { encodeColumns } from '@/testing/parquet/encode-columns'
import { runLakeshore } from '../lakeshore'

const home = createTestHome({}, STAGE_HERE)

// The command polls for the end of its run.
beforeEach(() => useShortPauses())
let count = 0

/** Loads a file into a new table that the file declares. */
async function create(name: string, bytes: string | Uint8Array, ...options: string[]) {
  count += 1
  const file = path.join(home.config.homeDir, name)
  writeFileSync(file, bytes)
  const said: string[] = []
  const terminal = {
    print: () => {},
    printMessage: (line: string) => said.push(line),
    prompt: async () => null,
    signal: new AbortController().signal,
  }
  const code = await runLakeshore(
    ['ingest', `made.t${count}`, file, '--create', ...options],
    terminal,
    () => home.services,
  )
  return { code, said: said.join('\n') }
}

/** The table that was created last. */
async function describeTable() {
  const table = { catalog: 'local', namespace: ['made'], table: `t${count}` }
  const { metadata } = await (await openTestCatalog(home.services)).loadTable(table)
  const { fields } = currentSchema(metadata)
  return {
    columns: fields.map(({ name, type, required }) => `${name} ${typeLabel(type)}${required ? ' not null' : ''}`),
    formatVersion: metadata.formatVersion,
    rowCount: metadata.snapshots.at(-1)?.summary['total-records'],
    fieldCount: metadata.partitionSpecs[0]?.fields.length,
  }
}

const AVRO = {
  type: 'record',
  name: 'row',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }] },
    { name: 'key', type: { type: 'fixed', name: 'key', size: 2 } },
    { name: 'took', type: { type: 'fixed', name: 'took', size: 12, logicalType: 'duration' } },
  ],
}
const AVRO_ROW = { id: 7n, at: null, key: Uint8Array.of(1, 2), took: new Uint8Array(12) }

it('A table is created with the columns of an Avro file, apart from ignored ones', async () => {
  const bytes = buildAvroBytes(AVRO, [[AVRO_ROW]])
  const refused = await create('a.avro', bytes)
  expect(refused.code).toBe(1)
  expect(refused.said).toContain('took is a duration, which no type of Iceberg holds. Nothing was loaded.')
  const { code, said } = await create('a.avro', bytes, '--ignore', 'took', '--partition-by', 'day(at)')
  expect(code, said).toBe(0)
  expect(said).toContain(
    'The columns of the new table, by the schema of a.avro:\n  id long not null\n  at timestamptz\n',
  )
  expect(await describeTable()).toEqual({
    columns: ['id long not null', 'at timestamptz', 'key binary not null'],
    formatVersion: 2,
    rowCount: '1',
    fieldCount: 1,
  })
})

it('A table is created with the columns of an Arrow file, in the format version that they need', async () => {
  const fields = [new Field('at', new TimestampNanosecond(), true), new Field('u', new Uint64(), false)]
  const bytes = RecordBatchFileWriter.writeAll(new Table(new Schema(fields))).toUint8Array(true)
  const { code, said } = await create('a.arrow', bytes)
  expect(code, said).toBe(0)
  expect(said).toContain('Check u: unsigned, up to 20 digits.')
  expect(await describeTable()).toMatchObject({
    columns: ['at timestamp_ns', 'u decimal(20, 0) not null'],
    formatVersion: 3,
  })
})

it('A table is created with the columns of a Parquet file', async () => {
  const fields: NestedField[] = [
    { id: 9, name: 'id', required: false, type: 'long' },
    { id: 8, name: 'price', required: false, type: 'decimal(9, 2)' },
  ]
  const encoder = createParquetEncoder(fields)
  const bytes = Buffer.concat([encoder.start(), encoder.encode(new Map(), 0), encoder.end()])
  const { code, said } = await create('a.parquet', bytes)
  expect(code, said).toBe(0)
  expect(await describeTable()).toMatchObject({ columns: ['id long', 'price decimal(9, 2)'] })
})

it('A Parquet column of nulls becomes a string, which is named as a guess, and its rows are loaded', async () => {
  const bytes = encodeColumns([
    { field: { id: 1, name: 'id', required: false, type: 'long' }, values: [1n, 2n] },
    { field: { id: 2, name: 'none', required: false, type: 'unknown' }, values: [null, null] },
  ])
  const { code, said } = await create('nulls.parquet', bytes)
  expect(code, said).toBe(0)
  expect(said).toContain('Check none: has only nulls, so string is a guess.')
  expect(await describeTable()).toMatchObject({ columns: ['id long', 'none string'], formatVersion: 2, rowCount: '2' })
})

it('A CSV field without a name has that of its position, and can be ignored', async () => {
  const { code, said } = await create('index.csv', ',name\n0,a\n1,b\n', '--partition-by', '"name"')
  expect(code, said).toBe(0)
  expect(said).toContain('Check column1: has no name in the header.')
  expect(await describeTable()).toMatchObject({ columns: ['column1 long', 'name string'], fieldCount: 1 })
  await create('index.csv', ',name\n0,a\n1,b\n', '--ignore', 'column1')
  expect(await describeTable()).toMatchObject({ columns: ['name string'], rowCount: '2' })
})

it('A table is created with the columns of a text, under the names of the mapping, as its options read it', async () => {
  const text = gzipSync('1,5|31.05.2026|x\n2,25|01.06.2026|y\n')
  const { code, said } = await create(
    'a.csv.gz',
    text,
    ...'--delimiter | --no-header --decimal-separator , --date-format %d.%m.%Y'.split(' '),
    ...'--map price=column1 --map day=column2 --ignore column3'.split(' '),
  )
  expect(code, said).toBe(0)
  expect(said).toContain('by the first 2 rows of a.csv.gz')
  expect(await describeTable()).toMatchObject({ columns: ['price double', 'day date'], rowCount: '2' })
})

it('A table is previewed before it is created', async () => {
  const { code, said } = await create('a.json', '[{"id": 1}, {"id": 2}]', '--preview')
  expect(code, said).toBe(0)
  expect(said).toContain('  id long\n')
  await expect(describeTable()).rejects.toMatchObject({ code: 'not-found' })
})

it('A file that can be read in more than one way creates no table until the options say which', async () => {
  const text = 'price;quantity;day\n1.234,56;3.472;03/04/2026\n'
  const refused = await create('de.csv', text)
  expect(refused.code).toBe(1)
  expect(refused.said).toContain('de.csv can be read in more than one way.')
  expect(refused.said).toContain(
    'Say which: --decimal-separator . for 3.472, or --decimal-separator , --group-separator . for 3472.',
  )
  expect(refused.said).toContain('--date-format %d/%m/%Y for 2026-04-03, or --date-format %m/%d/%Y for 2026-03-04.')
  await expect(describeTable()).rejects.toMatchObject({ code: 'not-found' })
  const numbers = ['--decimal-separator', ',', '--group-separator', '.']
  const { code, said } = await create('de.csv', text, ...numbers, '--date-format', '%d/%m/%Y')
  expect(code, said).toBe(0)
  expect(await describeTable()).toMatchObject({
    columns: ['price double', 'quantity long', 'day date'],
    rowCount: '1',
  })
  const asText = await create('de.csv', text, ...numbers, '--date-format', '%Y-%m-%d')
  expect(asText.code, asText.said).toBe(0)
  expect(await describeTable()).toMatchObject({ columns: ['price double', 'quantity long', 'day string'] })
})

it('A row that is not CSV is named, and does not keep the table from being created', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => (i === 420 ? '7,"SAP "AG""' : `${i},"a"`))
  const { code, said } = await create('row.csv', `id,name\n${rows.join('\n')}\n`, '--allow-rejects', '1')
  expect(code, said).toBe(0)
  expect(said).toContain('Check the file: 1 of 1,000 rows cannot be read: line 422 has text after a closing quote.')
  expect(await describeTable()).toMatchObject({ columns: ['id long', 'name string'], rowCount: '999' })
})

it('One bad value among many is named with its line, does not change the type, and is rejected', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => (i === 420 ? 'N/A,abc,2026-02-30' : `${i}.5,${i},2026-02-03`))
  const text = `price,id,day\n${rows.join('\n')}\n`
  const { code, said } = await create('bad.csv', text, '--allow-rejects', '1')
  expect(code, said).toBe(0)
  expect(said).toContain('Check price: decimal(18, 1) is exact; 1 of 1,000 values is not a number: “N/A” in line 422.')
  expect(said).toContain('Check id: 1 of 1,000 values is not a whole number: “abc” in line 422.')
  expect(said).toContain('Check day: 1 of 1,000 values is not a date: “2026-02-30” in line 422.')
  expect(await describeTable()).toMatchObject({ columns: ['price double', 'id long', 'day date'], rowCount: '999' })
})
