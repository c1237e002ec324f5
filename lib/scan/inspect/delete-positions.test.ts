import { describe, expect, it } from 'vitest'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import type { DataFileCodecs } from '../read/file-facts'
import { openDataFile } from '../read/data-file'
import { listDeletePositions } from './delete-positions'
import { readFileRows } from './file-rows'

const refuse = () => {
  throw new Error('the file is not compressed')
}
const codecs: DataFileCodecs = { gzip: refuse, zstd: refuse, brotli: refuse, avro: { decompress: refuse } }

/** An Avro file of records, opened as the inspector does. */
async function openAvro(fields: readonly object[], records: readonly object[], hasOwnColumns = false) {
  const bytes = buildAvroBytes({ type: 'record', name: 'row', fields }, [records])
  return await openDataFile(
    sourceOf(bytes, 'deletes.avro'),
    { fileFormat: 'avro', recordCount: records.length, constants: new Map(), nameMapping: null, hasOwnColumns },
    { codecs, tally: { bytesRead: 0, requests: 0 }, tailBytes: 1_000 },
  )
}

// Spec: Iceberg table spec, *Reserved Field IDs*.
const POSITION_FIELDS = [
  { name: 'file_path', type: 'string', 'field-id': 2_147_483_546 },
  { name: 'pos', type: 'long', 'field-id': 2_147_483_545 },
]
const deletes = (...rows: [string, number][]) => rows.map(([path, pos]) => ({ file_path: path, pos }))

describe('A position delete file in Avro', () => {
  it('is listed by data file, with neighbours as ranges', async () => {
    const file = await openAvro(POSITION_FIELDS, deletes(['a', 0], ['a', 1], ['a', 7], ['b', 3], ['a', 8]))
    expect(await listDeletePositions(file)).toEqual({
      files: [
        {
          path: 'a',
          count: 4,
          ranges: [
            { first: 0, last: 1 },
            { first: 7, last: 8 },
          ],
          isTruncated: false,
        },
        { path: 'b', count: 1, ranges: [{ first: 3, last: 3 }], isTruncated: false },
      ],
      readCount: 5,
      rowCount: 5,
    })
  })

  it('is cut at the limits, and counts what it leaves out', async () => {
    const file = await openAvro(POSITION_FIELDS, deletes(['a', 0], ['a', 2], ['a', 4], ['b', 0], ['c', 0]))
    expect(await listDeletePositions(file, { limits: { rows: 100, files: 2, ranges: 2 } })).toEqual({
      files: [
        {
          path: 'a',
          count: 3,
          ranges: [
            { first: 0, last: 0 },
            { first: 2, last: 2 },
          ],
          isTruncated: true,
        },
        { path: 'b', count: 1, ranges: [], isTruncated: true },
      ],
      readCount: 5,
      rowCount: 5,
    })
  })

  it('is damaged when it deletes a row that no file has', async () => {
    const file = await openAvro(POSITION_FIELDS, deletes(['a', -5]))
    await expect(listDeletePositions(file)).rejects.toThrow('it deletes row -5, which no file has')
  })

  it('is damaged without paths', async () => {
    const file = await openAvro([POSITION_FIELDS[1] ?? {}], [{ pos: 1 }])
    await expect(listDeletePositions(file)).rejects.toThrow('no columns of paths and positions')
  })

  it('stops when the inspection is cancelled', async () => {
    const file = await openAvro(POSITION_FIELDS, deletes(['a', 0]))
    await expect(listDeletePositions(file, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })
})

describe('The rows of an Avro file', () => {
  const FIELDS = [
    { name: 'id', type: 'long', 'field-id': 1 },
    { name: 'day', type: ['null', { type: 'int', logicalType: 'date' }], 'field-id': 2 },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': true }, 'field-id': 3 },
    { name: 'clock', type: { type: 'long', logicalType: 'timestamp-nanos' }, 'field-id': 4 },
    { name: 'noon', type: { type: 'long', logicalType: 'time-micros' }, 'field-id': 5 },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }, 'field-id': 6 },
    { name: 'tags', type: { type: 'array', items: 'string', 'element-id': 8 }, 'field-id': 7 },
    {
      name: 'taxi',
      type: { type: 'record', name: 'r9', fields: [{ name: 'in', type: 'double', 'field-id': 10 }] },
      'field-id': 9,
    },
    { name: 'unnumbered', type: 'string' },
  ]
  const row = (id: number, day: number | null) => ({
    id,
    day: day === null ? null : { branch: 1, value: day },
    at: 5,
    clock: 7,
    noon: 9,
    price: Uint8Array.of(0xff, 0x38),
    tags: ['x', 'y'],
    taxi: { in: 1.5 },
    unnumbered: '?',
  })

  it('have the types that the file declares, and exact values', async () => {
    const { fields, rows, columnCount, rowCount } = await readFileRows(
      await openAvro(FIELDS, [row(1, null), row(2, 20_000)], true),
      'a.avro',
      { from: 1, limit: 10 },
    )
    expect(fields.map(({ name, type }) => [name, typeof type === 'string' ? type : type.type])).toEqual([
      ['id', 'long'],
      ['day', 'date'],
      ['at', 'timestamptz'],
      ['clock', 'timestamp_ns'],
      ['noon', 'time'],
      ['price', 'decimal(38, 2)'],
      ['tags', 'list'],
      ['taxi', 'struct'],
    ])
    expect(rows).toEqual([[2n, 20_000, 5n, 7n, 9n, -200n, ['x', 'y'], [1.5]]])
    expect([columnCount, rowCount]).toEqual([8, 2])
  })
})
