import { deflateRawSync, inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import type { AvroCodecs } from './codecs'
import { openAvroFile, writeAvroFile } from './container'
import { integerReader, recordReader, textReader, projectedField } from './read-value'

const codecs: AvroCodecs = {
  deflate: (bytes) => deflateRawSync(bytes),
  decompress: (_codec, bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
}

type Row = { name: string; size: number }
const SCHEMA = {
  type: 'record',
  name: 'row',
  fields: [
    { name: 'name', type: 'string', 'field-id': 1 },
    { name: 'size', type: ['null', 'long'], 'field-id': 2 },
  ],
}
const FIELDS = [
  projectedField(1, ['name'], textReader, (row: Row, value: string) => (row.name = value), { required: true }),
  projectedField(2, ['size'], integerReader, (row: Row, value: number) => (row.size = value)),
]

function readRows(bytes: Uint8Array, maxDecodedBytes?: number): Row[] {
  const options = maxDecodedBytes === undefined ? {} : { maxDecodedBytes }
  const file = openAvroFile(bytes, { label: 'file x', codecs, ...options })
  const read = recordReader(file.schema, FIELDS, 'file x')
  const rows: Row[] = []
  for (const { recordCount, cursor } of file.blocks()) {
    for (let index = 0; index < recordCount; index += 1) {
      const row: Row = { name: '', size: -1 }
      read(cursor, row)
      rows.push(row)
    }
  }
  return rows
}

const rows = Array.from({ length: 2500 }, (_, index) => ({ name: `row ${index}`, size: index }))
const file = writeAvroFile(SCHEMA, rows, { 'format-version': '2', note: 'ü' }, codecs)
const small = writeAvroFile(SCHEMA, rows.slice(0, 3), {}, codecs)

describe('An Avro file', () => {
  test('is read back as written, over several blocks', () => {
    expect(readRows(file)).toEqual(rows)
    const { headerText, schema } = openAvroFile(file, { label: 'file x', codecs })
    expect(['format-version', 'note', 'avro.codec', 'none'].map(headerText)).toEqual(['2', 'ü', 'deflate', null])
    expect(schema.kind).toBe('record')
  })

  test('can be read twice, and can be empty', () => {
    const avroFile = openAvroFile(file, { label: 'file x', codecs })
    const counts = () => {
      const found: number[] = []
      for (const { recordCount, cursor } of avroFile.blocks()) {
        found.push(recordCount)
        cursor.skip(cursor.remainingBytes)
      }
      return found
    }
    expect(counts()).toEqual([1000, 1000, 500])
    expect(counts()).toEqual([1000, 1000, 500])
    expect(readRows(writeAvroFile(SCHEMA, [], {}, codecs))).toEqual([])
  })

  test('has its own sync bytes', () => {
    expect(writeAvroFile(SCHEMA, [], {}, codecs)).not.toEqual(writeAvroFile(SCHEMA, [], {}, codecs))
  })
})

describe('A damaged Avro file', () => {
  test('gives an error wherever it is truncated', () => {
    const outcomes = Array.from({ length: small.length }, (_, length) => describeOutcome(small.subarray(0, length)))
    // Cut right after its header it is a complete file without records.
    expect(outcomes.filter((outcome) => outcome !== 'file-damaged')).toEqual(['0 rows'])
    expect(describeOutcome(small)).toBe('3 rows')
  })

  test('gives rows or an expected error, whichever bytes are changed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const changed = small.slice()
          for (const [index, byte] of changes) changed[index] = byte
          expect(describeOutcome(changed)).toMatch(/rows$|^file-damaged$|^not-supported$/)
        },
      ),
      propertyRuns(2000),
    )
  })

  test('is refused when it is not Avro', () => {
    expect(() => readRows(new TextEncoder().encode('PAR1 and so on'))).toThrow('it is not an Avro file')
  })

  test.each<[string, Record<string, string>, string]>([
    ['has no schema', { 'avro.codec': 'null' }, 'its header has no schema'],
    ['has a schema that is not JSON', { 'avro.schema': '{' }, 'its Avro schema is not JSON'],
    ['has a schema that is not a record', { 'avro.schema': '"int"' }, 'expected a record but found int'],
    [
      'lacks a required field',
      { 'avro.schema': JSON.stringify({ type: 'record', name: 'r', fields: [] }) },
      'it has no field name',
    ],
    [
      'has a field of another type',
      { 'avro.schema': JSON.stringify({ type: 'record', name: 'r', fields: [{ name: 'name', type: 'int' }] }) },
      'expected a string but found int',
    ],
  ])('is refused when it %s', (_reason, header, message) => {
    expect(() => readRows(container(header))).toThrow(message)
  })

  test('is refused when a block claims more records than its bytes can hold', () => {
    const header = { 'avro.schema': JSON.stringify(SCHEMA) }
    expect(() => readRows(container(header, { recordCount: 2 ** 40, bytes: [0, 0] }))).toThrow(
      'a block of 1099511627776 records',
    )
  })

  test('is refused when bytes are left after the last record, or a required value is null', () => {
    const header = { 'avro.schema': JSON.stringify(SCHEMA) }
    expect(() => readRows(container(header, { recordCount: 1, bytes: [0, 0, 7, 7] }))).toThrow('2 bytes after its last')
    const nullable = { ...SCHEMA, fields: [{ name: 'name', type: ['null', 'string'] }] }
    const header2 = { 'avro.schema': JSON.stringify(nullable) }
    expect(() => readRows(container(header2, { recordCount: 1, bytes: [0] }))).toThrow('name is null')
    expect(() => readRows(container(header2, { recordCount: 1, bytes: [4] }))).toThrow('a union has no branch 2')
  })

  test('is refused when a block does not end with the sync bytes', () => {
    const header = { 'avro.schema': JSON.stringify(SCHEMA) }
    const bytes = container(header, { recordCount: 1, bytes: [0, 0] })
    bytes[bytes.length - 1] = 1
    expect(() => readRows(bytes)).toThrow('a block does not end where it should')
  })

  test('is refused when its header is too long', () => {
    const bytes = Uint8Array.from([0x4f, 0x62, 0x6a, 0x01, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0])
    expect(() => readRows(bytes)).toThrow('its header has more than 1000 values')
  })
})

describe('An Avro file that would use too much memory', () => {
  test('is refused before it is decompressed in full', () => {
    const big = writeAvroFile(SCHEMA, [{ name: 'a'.repeat(100_000), size: 1 }], {}, codecs)
    expect(readRows(big, 200_000)).toHaveLength(1)
    expect(() => readRows(big, 50_000)).toThrow(
      expect.objectContaining({ code: 'too-large', facts: { file: 'file x', maxDecodedBytes: 50_000 } }),
    )
  })

  test('is refused when it is not compressed at all', () => {
    const header = { 'avro.schema': JSON.stringify(SCHEMA) }
    const bytes = container(header, { recordCount: 1, bytes: [0, 0] })
    expect(() => readRows(bytes, 1)).toThrow(expect.objectContaining({ code: 'too-large' }))
  })
})

test('The error names an unsupported codec', () => {
  const bytes = container(
    { 'avro.schema': JSON.stringify(SCHEMA), 'avro.codec': 'xz' },
    { recordCount: 1, bytes: [0, 0] },
  )
  expect(() => readRows(bytes)).toThrow(
    expect.objectContaining({ code: 'not-supported', facts: { file: 'file x', codec: 'xz' } }),
  )
})

test('A header whose blocks state their size is read', () => {
  const header = { 'avro.schema': JSON.stringify(SCHEMA) }
  expect(readRows(container(header, { recordCount: 1, bytes: [2, 0x61, 0], sizedHeader: true }))).toEqual([
    { name: 'a', size: -1 },
  ])
})

/** Unexpected errors are rethrown. */
function describeOutcome(bytes: Uint8Array): string {
  try {
    return `${readRows(bytes).length} rows`
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

/** Builds a file by hand, uncompressed unless the header says otherwise. */
function container(
  header: Record<string, string>,
  block?: { recordCount: number; bytes: number[]; sizedHeader?: boolean },
): Uint8Array<ArrayBuffer> {
  const sync = new Array<number>(16).fill(0)
  const entries = Object.entries(header).flatMap(([key, value]) => [...text(key), ...text(value)])
  const count = Object.keys(header).length
  const head = block?.sizedHeader ? [...long(-count), ...long(entries.length)] : long(count)
  const body = block ? [...long(block.recordCount), ...long(block.bytes.length), ...block.bytes, ...sync] : []
  return Uint8Array.from([0x4f, 0x62, 0x6a, 0x01, ...head, ...entries, 0, ...sync, ...body])
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)]
  return [...long(bytes.length), ...bytes]
}

function long(value: number): number[] {
  let remainder = value < 0 ? -value * 2 - 1 : value * 2
  const bytes: number[] = []
  for (; remainder >= 0x80; remainder = Math.floor(remainder / 0x80)) bytes.push((remainder % 0x80) + 0x80)
  return [...bytes, remainder]
}
