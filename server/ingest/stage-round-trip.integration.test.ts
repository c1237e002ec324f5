import { readFileSync } from 'node:fs'
import {
  Binary,
  type DataType,
  Decimal,
  Field,
  FixedSizeBinary,
  Int32,
  Int64,
  makeData,
  makeVector,
  Schema,
  Table,
  tableToIPC,
  TimeMicrosecond,
  TimestampNanosecond,
  vectorFromArray,
} from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { duckdbType } from '@/server/data-files/duckdb/column-type'
import { INPUT_FORMATS, type InputFormat } from '@/lib/contract/shapes/input-formats'

const { stage, rows, file } = createTestStaging()

/** Texts as CSV and NDJSON contain them; null is a null. */
const VALUES: readonly (readonly [PrimitiveType, readonly (string | null)[]])[] = [
  [
    'uuid',
    [
      'f79c3e09-677c-4bbd-a479-3f349cb785e7',
      '00000000-0000-0000-0000-000000000000',
      null,
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ],
  ],
  ['binary', ['', '00', 'ff00ff', null, '5c78225c2c0a0d'.repeat(9)]],
  ['time', ['00:00:00', '23:59:59.999999', null, '12:34:56.000001']],
  [
    'timestamp_ns',
    ['1677-09-23 00:00:00.000000001', '2262-04-10 23:59:59.999999999', null, '2001-02-03 04:05:06.000000007'],
  ],
  ['decimal(38, 0)', ['99999999999999999999999999999999999999', '-99999999999999999999999999999999999999', null, '0']],
  ['decimal(38, 37)', ['9.9999999999999999999999999999999999999', '-0.0000000000000000000000000000000000001', null]],
  ['decimal(38, 10)', ['-1234567890123456789012345678.0123456789', null, '0.0000000001']],
  ['decimal(18, 2)', ['9999999999999999.99', '-9999999999999999.99', null, '0.10']],
]

describe('A value', () => {
  for (const format of INPUT_FORMATS) {
    it.each(VALUES)(`of %s comes through ${format} unchanged`, async (type, texts) => {
      const staged = await stage(format, await inputOf(format, type, texts), [
        column(1, 'id', 'int'),
        column(2, 'x', type),
      ])
      const shown = type === 'binary' ? 'lower(hex(x))' : 'x::VARCHAR'
      expect(await rows(staged, `id, ${shown}`)).toEqual(texts.map((text, i) => [i, text]))
    })
  }
})

async function inputOf(format: InputFormat, type: PrimitiveType, texts: readonly (string | null)[]) {
  switch (format) {
    case 'csv':
      return `id,x\n${texts.map((text, i) => `${i},${text === null ? '' : `"${text}"`}`).join('\n')}\n`
    case 'ndjson':
      return texts.map((text, i) => `{"id":${i},"x":${JSON.stringify(text)}}`).join('\n')
    case 'json':
      return `[${texts.map((text, i) => `{"id":${i},"x":${JSON.stringify(text)}}`).join(',\n')}]`
    case 'parquet': {
      const path = file(`${type.replaceAll(/\W/g, '_')}.parquet`)
      const sql = (text: string | null) => {
        if (text === null) return 'NULL'
        return type === 'binary' ? `unhex('${text}')` : `'${text}'::${duckdbType(type)}`
      }
      const values = texts.map((text, i) => `(${i}, ${sql(text)})`)
      await queryDuckdb(`COPY (SELECT * FROM (VALUES ${values.join(', ')}) AS r(id, x)) TO '${path}'`)
      return readFileSync(path)
    }
    case 'arrow': {
      const [stored, toValue] = toArrow(type)
      const values = texts.map((text) => (text === null ? null : toValue(text)))
      const data = type === 'timestamp_ns' ? toNanoseconds(values) : vectorFromArray(values, stored)
      const metadata = new Map(type === 'uuid' ? [['ARROW:extension:name', 'arrow.uuid']] : [])
      const schema = new Schema([new Field('id', new Int32(), true), new Field('x', stored, true, metadata)])
      const ids = vectorFromArray(
        texts.map((_, i) => i),
        new Int32(),
      )
      return tableToIPC(new Table(schema, { id: ids, x: data }), 'file')
    }
    case 'avro': {
      const [stored, encode] = toAvro(type)
      const fields = [
        { name: 'id', type: 'int' },
        { name: 'x', type: ['null', stored] },
      ]
      const records = texts.map((text, i) => ({ id: i, x: text === null ? null : encode(text) }))
      return buildAvroBytes({ type: 'record', name: 'row', fields }, [records])
    }
  }
}

/** The Arrow type that stores the values of a type, and the value of a text in it. */
function toArrow(type: PrimitiveType): [DataType, (text: string) => unknown] {
  const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
  switch (type) {
    case 'uuid':
      return [new FixedSizeBinary(16), (text) => bytes(text.replaceAll('-', ''))]
    case 'binary':
      return [new Binary(), bytes]
    case 'time':
      return [new TimeMicrosecond(), (text) => microsOf(`1970-01-01T${text}`)]
    case 'timestamp_ns':
      return [new TimestampNanosecond(), (text) => microsOf(text) * 1000n + BigInt(text.slice(-3))]
    default: {
      const [, precision = '38', scale = '0'] = /(\d+), (\d+)/.exec(type) ?? []
      const toWords = (text: string) =>
        new Uint32Array(BigUint64Array.of(...halvesOf(BigInt(text.replace('.', '')))).buffer)
      return [new Decimal(Number(scale), Number(precision), 128), toWords]
    }
  }
}

/** The builder of nanoseconds takes only milliseconds. */
function toNanoseconds(values: readonly unknown[]) {
  const [stored] = vectorFromArray(values as bigint[], new Int64()).data
  if (!stored) throw new Error('a vector has no data')
  const { length, nullCount, nullBitmap, values: data } = stored
  return makeVector(makeData({ type: new TimestampNanosecond(), length, nullCount, nullBitmap, data }))
}

function halvesOf(value: bigint): [bigint, bigint] {
  return [BigInt.asUintN(64, value), BigInt.asUintN(64, value >> 64n)]
}

/** The Avro type that stores the values of a type, and the value of a text in it. */
function toAvro(type: PrimitiveType): [unknown, (text: string) => unknown] {
  const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
  switch (type) {
    case 'uuid':
      return [{ type: 'fixed', name: 'u', size: 16, logicalType: 'uuid' }, (text) => bytes(text.replaceAll('-', ''))]
    case 'binary':
      return ['bytes', bytes]
    case 'time':
      return [{ type: 'long', logicalType: 'time-micros' }, (text) => microsOf(`1970-01-01T${text}`)]
    case 'timestamp_ns':
      return [
        { type: 'long', logicalType: 'local-timestamp-nanos' },
        (text) => microsOf(text) * 1000n + BigInt(text.slice(-3)),
      ]
    default: {
      const [, scale = '0'] = /, (\d+)/.exec(type) ?? []
      const toUnscaled = (text: string) => {
        const unscaled = BigInt(text.replace('.', ''))
        return bytes(BigInt.asUintN(128, unscaled).toString(16).padStart(32, '0'))
      }
      return [{ type: 'bytes', logicalType: 'decimal', precision: 38, scale: Number(scale) }, toUnscaled]
    }
  }
}

/** Digits after the sixth decimal are left out. */
function microsOf(text: string): bigint {
  const [, seconds = '', fraction = ''] = /^([^.]+)[.]?(.*)$/.exec(text) ?? []
  return BigInt(Date.parse(`${seconds.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
}
