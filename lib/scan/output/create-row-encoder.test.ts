import { tableFromIPC, type Table } from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'
import { createRowEncoder, type EncoderOptions } from './create-row-encoder'
import type { RowFormat } from './row-encoder'

type Values = readonly (RowValue | null)[]

const POINT: Type = {
  type: 'struct',
  fields: [
    { id: 11, name: 'x', required: true, type: 'long' },
    { id: 12, name: 'say "y"', required: false, type: 'decimal(20, 2)' },
  ],
}
const TAGS: Type = { type: 'list', elementId: 13, element: 'string', elementRequired: false }
const LABELS: Type = { type: 'map', keyId: 16, key: 'string', valueId: 17, value: 'long', valueRequired: false }
const COUNTS: Type = { type: 'map', keyId: 14, key: 'int', valueId: 15, value: 'binary', valueRequired: false }

async function encode(
  format: RowFormat,
  columns: [name: string, type: Type, values: Values][],
  options?: EncoderOptions,
) {
  const fields = columns.map(([name, type], i): NestedField => ({ id: i + 1, name, required: false, type }))
  const encoder = await createRowEncoder(format, fields, options)
  const byId = new Map(columns.map(([, , values], i) => [i + 1, values]))
  const rowCount = columns[0]?.[2].length ?? 0
  return Buffer.concat([encoder.start(), encoder.encode(byId, rowCount), encoder.end()])
}

const encodeText = async (...args: Parameters<typeof encode>) => (await encode(...args)).toString('utf8')

/** Values with their texts in JSON and CSV, after Iceberg table spec, appendix D, and RFC 4180. */
const CASES: [type: Type, value: RowValue | null, json: string, csv: string][] = [
  ['boolean', true, 'true', 'true'],
  ['int', -2_147_483_648, '-2147483648', '-2147483648'],
  ['long', 9_223_372_036_854_775_807n, '9223372036854775807', '9223372036854775807'],
  ['float', Math.fround(0.1), '0.1', '0.1'],
  ['double', 1e300, '1e+300', '1e+300'],
  ['double', -0, '-0.0', '-0'],
  ['float', 5, '5.0', '5'],
  ['double', Number.NaN, '"NaN"', 'NaN'],
  ['float', Number.NEGATIVE_INFINITY, '"-Infinity"', '-Infinity'],
  [
    'decimal(38, 10)',
    -(10n ** 38n) + 1n,
    '"-9999999999999999999999999999.9999999999"',
    '-9999999999999999999999999999.9999999999',
  ],
  ['date', 17486, '"2017-11-16"', '2017-11-16'],
  ['time', 81_068_123_456n, '"22:31:08.123456"', '22:31:08.123456'],
  ['timestamp', 1_510_871_468_123_456n, '"2017-11-16T22:31:08.123456"', '2017-11-16T22:31:08.123456'],
  ['timestamptz', 1_510_871_468_123_456n, '"2017-11-16T22:31:08.123456+00:00"', '2017-11-16T22:31:08.123456+00:00'],
  ['timestamp_ns', 1_510_871_468_123_456_789n, '"2017-11-16T22:31:08.123456789"', '2017-11-16T22:31:08.123456789'],
  [
    'uuid',
    'f79c3e09-677c-4bbd-a479-3f349cb785e7',
    '"f79c3e09-677c-4bbd-a479-3f349cb785e7"',
    'f79c3e09-677c-4bbd-a479-3f349cb785e7',
  ],
  ['fixed[4]', Uint8Array.of(0, 1, 2, 255), '"000102ff"', '000102ff'],
  ['binary', Uint8Array.of(), '""', '""'],
  ['string', 'iceberg', '"iceberg"', 'iceberg'],
  ['string', '', '""', '""'],
  ['string', 'a "b",\r\nc', String.raw`"a \"b\",\r\nc"`, '"a ""b"",\r\nc"'],
  ['string', null, 'null', ''],
  ['string', '=1+1', '"=1+1"', '=1+1'],
  ['variant', '{"a":12345678901234567890}', '{"a":12345678901234567890}', '"{""a"":12345678901234567890}"'],
  ['geometry', 'POINT (1 2)', '"POINT (1 2)"', 'POINT (1 2)'],
  ['unknown', null, 'null', ''],
  [
    POINT,
    [2n ** 62n, 250n],
    String.raw`{"x":4611686018427387904,"say \"y\"":"2.50"}`,
    String.raw`"{""x"":4611686018427387904,""say \""y\"""":""2.50""}"`,
  ],
  [TAGS, ['a', null], '["a",null]', '"[""a"",null]"'],
  [
    COUNTS,
    [
      [1, Uint8Array.of(10)],
      [2, null],
    ],
    '[[1,"0a"],[2,null]]',
    '"[[1,""0a""],[2,null]]"',
  ],
  [
    LABELS,
    [
      ['say "a"', 1n],
      ['__proto__', null],
    ],
    String.raw`{"say \"a\"":1,"__proto__":null}`,
    String.raw`"{""say \""a\"""":1,""__proto__"":null}"`,
  ],
  [
    LABELS,
    [
      ['a', 1n],
      ['a', 2n],
    ],
    '[["a",1],["a",2]]',
    '"[[""a"",1],[""a"",2]]"',
  ],
]

describe('NDJSON', () => {
  it.each(CASES)('has a %j as an exact value on one line', async (type, value, json) => {
    expect(await encodeText('ndjson', [['c', type, [value]]])).toBe(`{"c":${json}}\n`)
  })

  it('has an object per row, with the columns in order', async () => {
    const text = await encodeText('ndjson', [
      ['b "q"', 'int', [1, null]],
      ['a', 'string', ['x', 'y\n']],
    ])
    expect(
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { 'b "q"': 1, a: 'x' },
      { 'b "q"': null, a: 'y\n' },
    ])
  })
})

describe('CSV', () => {
  it.each(CASES)('has a %j as an exact field', async (type, value, _json, csv) => {
    expect(await encodeText('csv', [['c', type, [value]]])).toBe(`c\r\n${csv}\r\n`)
  })

  it('marks formulas only when it is asked to, and never negative numbers', async () => {
    const columns: Parameters<typeof encode>[1] = [
      ['=x', 'string', ['-1', '@a', '1']],
      ['n', 'int', [-1, 2, -3]],
    ]
    expect(await encodeText('csv', columns)).toBe('=x,n\r\n-1,-1\r\n@a,2\r\n1,-3\r\n')
    expect(await encodeText('csv', columns, { isFormulaSafe: true })).toBe("'=x,n\r\n'-1,-1\r\n'@a,2\r\n1,-3\r\n")
  })
})

describe('An Arrow stream', () => {
  const TYPES: Type[] = [
    'boolean',
    'int',
    'long',
    'float',
    'double',
    'date',
    'time',
    'timestamp',
    'timestamptz',
    'timestamp_ns',
    'timestamptz_ns',
    'string',
    'uuid',
    'fixed[3]',
    'binary',
    'decimal(9, 2)',
    'unknown',
    'variant',
    'geometry',
    POINT,
    TAGS,
    COUNTS,
  ]
  const schemaText = ({ schema }: Table) =>
    schema.fields.map((field) => `${field.toString()} ${field.metadata.get('PARQUET:field_id')}`)

  it('has the same schema whatever the values are', async () => {
    const columns = (values: Values) => TYPES.map((type, i): [string, Type, Values] => [`c${i}`, type, values])
    const [empty, nulls] = [await encode('arrow', columns([])), await encode('arrow', columns([null, null]))]
    expect(schemaText(tableFromIPC(nulls))).toEqual(schemaText(tableFromIPC(empty)))
    expect(tableFromIPC(nulls).numRows).toBe(2)
    expect(tableFromIPC(empty).schema.fields.map(({ type }) => String(type))).toEqual([
      'Bool',
      'Int32',
      'Int64',
      'Float32',
      'Float64',
      'Date32<DAY>',
      'Time64<MICROSECOND>',
      'Timestamp<MICROSECOND>',
      'Timestamp<MICROSECOND, UTC>',
      'Timestamp<NANOSECOND>',
      'Timestamp<NANOSECOND, UTC>',
      'Utf8',
      'FixedSizeBinary[16]',
      'FixedSizeBinary[3]',
      'Binary',
      'Decimal[9e+2]',
      'Null',
      'Utf8',
      'Utf8',
      'Struct<{x:Int64, say "y":Decimal[20e+2]}>',
      'List<Utf8>',
      'Map<{key:Int32, value:Binary}>',
    ])
  })

  it('has exact values, also in nested columns, over several batches', async () => {
    const fields: NestedField[] = [
      { id: 7, name: 'n', required: true, type: 'long' },
      { id: 8, name: 'p', required: false, type: POINT },
    ]
    const encoder = await createRowEncoder('arrow', fields)
    const batch = (values: readonly bigint[]) =>
      encoder.encode(
        new Map<number, Values>([
          [7, values],
          [8, values.map((value) => [value, null])],
        ]),
        values.length,
      )
    const bytes = Buffer.concat([encoder.start(), batch([2n ** 63n - 1n]), batch([]), batch([-1n, 5n]), encoder.end()])
    const table = tableFromIPC(bytes)
    expect([...(table.getChild('n') ?? [])]).toEqual([2n ** 63n - 1n, -1n, 5n])
    expect([...(table.getChild('p')?.getChild('x') ?? [])]).toEqual([2n ** 63n - 1n, -1n, 5n])
    expect(table.schema.fields[1]?.type.children[0].metadata.get('PARQUET:field_id')).toBe('11')
  })
})

describe('A text that is not UTF-8', () => {
  const [bad] = [Uint8Array.of(0xff)]
  it.each<[RowFormat, Type, RowValue]>([
    ['ndjson', 'string', bad],
    ['csv', 'string', bad],
    ['arrow', 'string', bad],
    ['ndjson', TAGS, ['a', bad]],
    ['arrow', TAGS, ['a', bad]],
    ['arrow', { ...COUNTS, value: 'string' }, [[1, bad]]],
    ['arrow', { type: 'struct', fields: [{ id: 20, name: 's', required: false, type: 'string' }] }, [bad]],
  ])('is refused as %s, naming its column', async (format, type, value) => {
    await expect(encode(format, [['name', type, [value]]])).rejects.toMatchObject({
      code: 'file-damaged',
      facts: { column: 'name' },
    })
  })
})
