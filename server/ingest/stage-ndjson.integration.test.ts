import { describe, expect, it } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const { stage, rejects, rows } = createTestStaging()

describe('NDJSON', () => {
  it('loses no digit of a number', async () => {
    const fields = [
      column(1, 'id', 'long'),
      column(2, 'exact', 'decimal(38, 10)'),
      column(3, 'ratio', 'double'),
      column(4, 'n', 'int'),
    ]
    const lines = [
      '{"id":9223372036854775807,"exact":1234567890123456789012345678.0123456789,"ratio":0.1,"n":1.0e1}',
      '{"id":"-9223372036854775808","exact":"0.10","ratio":1e308,"n":12e-1}',
      '{"id":9007199254740993.0,"exact":1e-10,"ratio":-0.0,"n":-0}',
      '{"id":9223372036854775808,"exact":0,"ratio":1,"n":1}',
      '{"id":1204.5,"exact":0,"ratio":1e309,"n":1}',
      '{"id":1,"exact":0.12345678901,"ratio":1,"n":1}',
      '{"id":1e999999999,"exact":0,"ratio":1,"n":1}',
    ]
    const staged = await stage('ndjson', lines.join('\n'), fields, { maxRejectedRows: 10 })
    expect(await rows(staged, 'id, exact, ratio, n')).toEqual([
      ['9223372036854775807', '1234567890123456789012345678.0123456789', 0.1, 10],
      ['9007199254740993', '0.0000000001', -0, 0],
    ])
    expect(rejects()).toMatchObject([
      { line: 2, column: 'n', value: '1.2' },
      { line: 4, column: 'id', value: '9223372036854775808', reason: 'is beyond the range of long' },
      { line: 5, column: 'id', value: '1204.5' },
      { line: 5, column: 'ratio', value: '1e309', reason: 'is beyond the range of double' },
      { line: 6, column: 'exact', value: '0.12345678901', reason: 'has more than 10 decimals' },
      { line: 7, column: 'id', value: '1e999999999' },
    ])
    expect(staged).toMatchObject({ rowsRead: 7, rowsRejected: 5 })
  })

  it('converts no value to another kind', async () => {
    const cases: readonly [Type, string, string][] = [
      ['long', 'true', 'is true, not long'],
      ['boolean', '"true"', 'is a string, not boolean'],
      ['boolean', '1', 'is a number, not boolean'],
      ['string', '1', 'is a number, not string'],
      ['string', 'false', 'is false, not string'],
      ['string', '{}', 'is an object, not string'],
      ['timestamp', '1517966773840', 'is a number, not timestamp'],
      ['date', '[]', 'is an array, not date'],
    ]
    for (const [type, json, reason] of cases) {
      await expect(stage('ndjson', `{"x":${json}}`, [column(1, 'x', type)])).rejects.toThrow('1 of 1 rows')
      expect(rejects()).toMatchObject([{ line: 1, column: 'x', reason }])
    }
  })

  it('reads every type from the text it documents', async () => {
    const line = {
      a: true,
      b: 1.5,
      c: '2001-02-03',
      d: '04:05:06.5',
      e: '2001-02-03T04:05:06',
      f: '2001-02-03T04:05:06.000001+01:00',
      g: 'é"\\\n😀',
      h: 'F47AC10B-58CC-4372-A567-0E02B2C3D479',
      i: '00fF',
      j: 'NaN',
      k: null,
    }
    const types = [
      'boolean',
      'float',
      'date',
      'time',
      'timestamp',
      'timestamptz',
      'string',
      'uuid',
      'binary',
      'double',
      'int',
    ] as const
    const fields = types.map((type, i) => column(i + 1, 'abcdefghijk'[i] ?? '', type))
    expect(await rows(await stage('ndjson', JSON.stringify(line), fields))).toEqual([
      [
        true,
        1.5,
        '2001-02-03',
        '04:05:06.5',
        '2001-02-03 04:05:06',
        '2001-02-03 03:05:06.000001+00',
        'é"\\\n😀',
        'f47ac10b-58cc-4372-a567-0e02b2c3d479',
        '\\x00\\xFF',
        'NaN',
        null,
      ],
    ])
  })

  it('reports the line of invalid JSON, and counts empty lines', async () => {
    const lines = [
      '{"a":1}',
      '',
      '{"a":1',
      '[1]',
      '{"a":1} x',
      '{"a":01}',
      '{"a":NaN}',
      "{'a':1}",
      '{"a":1,"a":2}',
      '{"a":1,}',
      '{"a":tru}',
      '{"b":"\\ud800"}',
      '{"b":"\\x"}',
      '{"b":"tab\there"}',
      '{"b":"open',
      '  ',
      '{"z":1}',
      ` { "a" : 2 , "b" : "x" } `,
      '['.repeat(300),
      '{"a" 1}',
      '{"a":[1 2]}',
    ]
    const fields = [column(1, 'a', 'int'), column(2, 'b', 'string')]
    const staged = await stage('ndjson', `\uFEFF${lines.join('\r\n')}\r\n`, fields, { maxRejectedRows: 100 })
    expect(await rows(staged)).toEqual([
      [1, null],
      [2, 'x'],
    ])
    expect(rejects().map(({ line, reason }) => [line, reason])).toEqual([
      [3, 'ends before the JSON value does'],
      [4, 'is not a JSON object'],
      [5, 'has more after the end of the JSON value, at character 9'],
      [6, 'is not JSON at character 7'],
      [7, 'is not JSON at character 6'],
      [8, 'is not JSON at character 2'],
      [9, 'names the key "a" twice'],
      [10, 'is not JSON at character 8'],
      [11, 'is not JSON at character 6'],
      [12, 'holds half a character (an unpaired surrogate)'],
      [13, 'has a string that is not JSON, before character 10'],
      [14, 'has a string that is not JSON, before character 16'],
      [15, 'ends inside a string'],
      [17, 'is a field the table does not have'],
      [19, 'is nested more than 200 deep'],
      [20, 'is not JSON at character 6'],
      [21, 'is not JSON at character 9'],
    ])
  })

  it('rejects lines that are not UTF-8 and refuses overlong ones', async () => {
    const bytes = Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n')])
    const staged = await stage('ndjson', bytes, [column(1, 'a', 'int')], { maxRejectedRows: 1 })
    expect(rejects()).toMatchObject([{ line: 2, column: null, reason: 'is not UTF-8' }])
    expect(staged.rowsRead).toBe(2)
    const endless = stage('ndjson', `{"a":1}\n{"a":"${'x'.repeat(17 * 1024 * 1024)}"}`, [column(1, 'a', 'string')])
    await expect(endless).rejects.toMatchObject({ code: 'too-large', facts: { line: 2 } })
  })

  it('skips fields that the table lacks, with ignoreExtra', async () => {
    const staged = await stage('ndjson', '{"z":1,"a":2}', [column(1, 'a', 'int')], { ignoreExtra: true })
    expect(await rows(staged)).toEqual([[2]])
  })

  it('without rows creates no file', async () => {
    expect(await stage('ndjson', '\n\n', [column(1, 'a', 'int')])).toEqual({
      files: [],
      fieldUse: { absentColumns: ['a'], skippedFields: [] },
      rowsRead: 0,
      rowsRejected: 0,
      savedRecords: { recordCount: 0, headBytes: 0 },
      way: 'record-by-record',
    })
  })
})

const NESTED = [
  column(1, 'id', 'int', true),
  column(2, 'place', {
    type: 'struct',
    fields: [
      column(3, 'lat', 'decimal(20, 18)', true),
      column(4, 'seen', 'timestamptz'),
      column(5, 'tags', { type: 'list', elementId: 6, element: 'string', elementRequired: true }),
    ],
  }),
  column(7, 'counts', { type: 'map', keyId: 8, key: 'string', valueId: 9, value: 'long', valueRequired: false }),
  column(10, 'blobs', { type: 'list', elementId: 11, element: 'binary', elementRequired: false }),
]

describe('Nested NDJSON', () => {
  it('is as exact as flat NDJSON', async () => {
    const line =
      `{"id":1,"place":{"lat":0.123456789012345678,"seen":"2001-01-01T00:00:00+01:00","tags":["a","\\u00e9"]},
      "counts":{"big":9223372036854775807,"none":null},"blobs":["00ff",null]}`.replaceAll('\n', '')
    const staged = await stage('ndjson', `${line}\n{"id":2}\n{"id":3,"place":{"lat":1},"counts":{},"blobs":[]}`, NESTED)
    expect(await rows(staged, "place, counts, blobs[1] = unhex('00ff')")).toEqual([
      [
        { lat: '0.123456789012345678', seen: '2000-12-31 23:00:00+00', tags: ['a', 'é'] },
        [
          { key: 'big', value: '9223372036854775807' },
          { key: 'none', value: null },
        ],
        true,
      ],
      [null, null, null],
      [{ lat: '1.000000000000000000', seen: null, tags: null }, [], null],
    ])
  })

  it('reports where a value does not fit', async () => {
    const lines = [
      '{"id":1,"place":{"lat":0.1234567890123456789}}',
      '{"id":1,"place":{"lat":null}}',
      '{"id":1,"place":{"lat":1,"tags":["a",null]}}',
      '{"id":1,"place":{"lat":1,"tags":"a"}}',
      '{"id":1,"place":[]}',
      '{"id":1,"place":{"lat":1,"more":1}}',
      '{"id":1,"counts":{"a":1.5}}',
      '{"id":1,"counts":[]}',
      '{"id":1,"counts":{"a":true}}',
      '{"id":1,"blobs":["0"]}',
    ]
    await stage('ndjson', lines.join('\n'), NESTED, { maxRejectedRows: 100 })
    expect(rejects().map(({ column: at, reason }) => [at, reason])).toEqual([
      ['place.lat', 'has more than 18 decimals'],
      ['place.lat', 'is null, and the schema requires a value'],
      ['place.tags[1]', 'is null, and the schema requires a value'],
      ['place.tags', 'is a string, not an array'],
      ['place', 'is an array, not an object'],
      ['place.more', 'is a field the schema does not have'],
      ['counts["a"]', 'is not a whole number such as 1204'],
      ['counts', 'is an array, not an object'],
      ['counts["a"]', 'is true, not long'],
      ['blobs[0]', 'is not hexadecimal digits, two for a byte'],
    ])
  })

  it.each([
    ['int', '1', '01'],
    ['decimal(9, 2)', '-1.5', '-01.500'],
    ['double', '10', '1e1'],
    ['timestamp', '2001-01-01 00:00:00', '2001-01-01T00:00:00.000'],
    ['binary', 'FF', 'ff'],
  ] as const)(
    'is refused with a duplicate key of type %s, even if it is written as %s and %s',
    async (type, one, other) => {
      const fields = [
        column(1, 'm', { type: 'map', keyId: 2, key: type, valueId: 3, value: 'int', valueRequired: false }),
      ]
      const text = `{"m":{"${one}":1,"${other}":2}}\n`
      await expect(stage('ndjson', text, fields)).rejects.toMatchObject({ code: 'rows-rejected' })
      expect(rejects()).toMatchObject([{ column: 'm', value: other, reason: 'has a key twice' }])
    },
  )

  it('has keys of the map’s key type', async () => {
    const keyed = [
      column(1, 'm', { type: 'map', keyId: 2, key: 'date', valueId: 3, value: 'int', valueRequired: true }),
    ]
    const staged = await stage('ndjson', '{"m":{"2001-02-03":1}}\n{"m":{"x":1}}', keyed, { maxRejectedRows: 1 })
    expect(await rows(staged)).toEqual([[[{ key: '2001-02-03', value: 1 }]]])
    expect(rejects()).toMatchObject([
      { line: 2, column: 'm', value: 'x', reason: expect.stringContaining('has a key that') },
    ])
    const list = { type: 'list', elementId: 4, element: 'int', elementRequired: true } as const
    const odd = [column(1, 'm', { type: 'map', keyId: 2, key: list, valueId: 3, value: 'int', valueRequired: true })]
    await expect(stage('ndjson', '{"m":{"1":1}}', odd)).rejects.toMatchObject({ code: 'rows-rejected' })
    expect(rejects()).toMatchObject([{ reason: 'has keys that JSON cannot write' }])
  })
})
