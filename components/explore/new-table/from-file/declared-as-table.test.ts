import { deflateRawSync } from 'node:zlib'
import {
  Field,
  Int32,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Table,
  TimestampNanosecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import { expect, it } from 'vitest'
import { declarationOfDraft } from '@/lib/changes/new-table/new-table-draft'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { readArrowAsTable, readAvroAsTable } from './declared-as-table'

const fileOf = (bytes: Uint8Array, name: string) => new File([Buffer.from(bytes)], name)

it('The draft of an Avro file has its columns, and names those that no type holds', async () => {
  const schema = {
    type: 'record',
    name: 'row',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-nanos' }] },
      { name: 'either', type: ['int', 'string'] },
    ],
  }
  const { draft, name, omitted } = await readAvroAsTable(fileOf(buildAvroBytes(schema, []), 'May 2026.avro'))
  expect(declarationOfDraft(draft).columns).toEqual([
    { name: 'id', type: 'long', required: true },
    { name: 'at', type: 'timestamptz_ns' },
  ])
  expect([draft.formatVersion, name]).toEqual([3, 'may_2026'])
  expect(omitted).toEqual([{ name: 'either', reason: 'either is a union of int, string' }])
})

const textsOf = ({ draft, sample }: Awaited<ReturnType<typeof readAvroAsTable>>) =>
  Object.fromEntries(
    [...indexFields(draft.schema)].map(([id, { path }]) => [path.join('.'), sample?.columns.get(id)?.text]),
  )

it('The draft of an Avro file has the first value of each column, and how many of its rows have none', async () => {
  const schema = {
    type: 'record',
    name: 'row',
    fields: [
      { name: 'day', type: { type: 'int', logicalType: 'date' } },
      { name: 'fare', type: ['null', 'double'] },
      { name: 'tags', type: { type: 'array', items: 'string' } },
      { name: 'note', type: ['null', 'string'] },
      { name: 'either', type: ['int', 'string'] },
    ],
  }
  const rows = [
    { day: 20_000, fare: null, tags: ['a'], note: null, either: 1 },
    { day: 20_001, fare: 7.5, tags: [], note: null, either: 2 },
  ]
  const filling = await readAvroAsTable(
    fileOf(buildAvroBytes(schema, [rows], { codec: 'deflate', compress: deflateRawSync }), 'a.avro'),
  )
  expect(textsOf(filling)).toEqual({
    day: '2024-10-04',
    fare: '7.5, 50.0% null',
    tags: '[…]',
    'tags.element': 'a',
    note: '100.0% null',
  })
  expect(filling.sample?.source).toBe('the schema of a.avro and its 2 rows')
})

it('The draft of an Arrow file has the values of its first thousand rows', async () => {
  const ids = Array.from({ length: 1_001 }, (_, id) => id)
  const table = new Table({
    id: vectorFromArray(ids, new Int32()),
    name: vectorFromArray(
      ids.map((id) => (id < 500 ? null : `n${id}`)),
      new Utf8(),
    ),
  })
  const bytes = RecordBatchFileWriter.writeAll(table).toUint8Array(true)
  const filling = await readArrowAsTable(fileOf(bytes, 'a.arrow'))
  expect(textsOf(filling)).toEqual({ id: '0', name: 'n500, 50.0% null' })
  expect(filling.sample?.source).toBe('the schema of a.arrow and its first 1,000 rows')
})

it('The draft of an Arrow file has its columns, and what is doubtful about each', async () => {
  const inner = new Struct([new Field('name', new Utf8(), true), new Field('n', new Int32(), false)])
  const fields = [new Field('who', inner, true), new Field('at', new TimestampNanosecond(), false)]
  const bytes = RecordBatchFileWriter.writeAll(new Table(new Schema(fields))).toUint8Array(true)
  const { draft, sample, name } = await readArrowAsTable(fileOf(bytes, 'a.feather'))
  expect(declarationOfDraft(draft).columns).toEqual([
    {
      name: 'who',
      type: {
        struct: [
          { name: 'name', type: 'string' },
          { name: 'n', type: 'int', required: true },
        ],
      },
    },
    { name: 'at', type: 'timestamp_ns', required: true },
  ])
  expect(name).toBe('a')
  expect(sample?.source).toBe('the schema of a.feather')
  expect([...(sample?.columns.values() ?? [])].map(({ type }) => type)).toEqual(['', 'string', 'int', 'timestamp_ns'])
})

it('A file without a column that Iceberg holds is refused', async () => {
  const schema = { type: 'record', name: 'row', fields: [{ name: 'x', type: ['int', 'string'] }] }
  await expect(readAvroAsTable(fileOf(buildAvroBytes(schema, []), 'x.avro'))).rejects.toMatchObject({
    code: 'not-supported',
    message: expect.stringContaining('x is a union of int, string'),
  })
})
