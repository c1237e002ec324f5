import { describe, expect, it } from 'vitest'
import { CSV_DEFAULTS } from './csv-options'
import { sampleCsv } from './sample-file'
import { sampleJson } from './sample/json-sample'

const bytes = (text: string) => new TextEncoder().encode(text)
const sampleJsonArray = (text: Uint8Array, isWhole: boolean) => sampleJson({ isArray: true, bytes: text, isWhole })
const sampleJsonLines = (text: Uint8Array, isWhole: boolean, further: readonly Uint8Array[] = []) =>
  sampleJson({ isArray: false, bytes: text, isWhole, further })
const typesOf = ({ columns }: { columns: readonly { name: string; type: unknown }[] }) =>
  Object.fromEntries(columns.map(({ name, type }) => [name, type]))

describe('A sample of a CSV file', () => {
  it('gives each column the first type that holds all of its values exactly', async () => {
    const sample = await sampleCsv(
      bytes(
        [
          'id;zip;fare;day;at;seen;ok;who;note;none',
          '1;01234;1.50;2001-02-03;2001-02-03 04:05:06;2001-02-03T04:05:06Z;true;6f9619ff-8b86-d011-b42d-00c04fc964ff;a;',
          '9007199254740993;99999;2;2001-02-04;2001-02-03T04:05;2001-02-03T04:05:06+02:00;FALSE;;"";',
        ].join('\n'),
      ),
      true,
    )
    expect(typesOf(sample)).toEqual({
      id: 'long',
      zip: 'string',
      fare: 'double',
      day: 'date',
      at: 'timestamp',
      seen: 'timestamptz',
      ok: 'boolean',
      who: 'uuid',
      note: 'string',
      none: 'string',
    })
    expect(sample).toMatchObject({ rowCount: 2, isTruncated: false })
    const doubts = Object.fromEntries(sample.columns.map(({ name, inferred }) => [name, inferred.doubt]))
    expect(doubts).toMatchObject({ id: null, zip: 'digits with leading zeros', none: 'no value in the sample' })
  })

  it.each([
    [
      'a number',
      'price',
      'N/A',
      'double',
      'decimal(18, 1) is exact; 1 of 200 values is not a number: “N/A” in line 152',
    ],
    ['a date', 'day', '2026-02-30', 'date', '1 of 200 values is not a date: “2026-02-30” in line 152'],
    ['a whole number', 'id', 'abc', 'long', '1 of 200 values is not a whole number: “abc” in line 152'],
    ['an id', 'zip', 'n.a.', 'string', 'digits with leading zeros'],
  ])('names one bad value among many that are %s, and keeps the type', async (_, column, bad, type, doubt) => {
    const good = {
      price: (i: number) => `${i}.5`,
      day: () => '2026-02-03',
      id: (i: number) => `${i}`,
      zip: () => '01234',
    }
    const valueOf = good[column as keyof typeof good]
    const rows = Array.from({ length: 200 }, (_row, i) => (i === 150 ? bad : valueOf(i)))
    const { columns } = await sampleCsv(bytes(`${column}\n${rows.join('\n')}\n`), true)
    expect(columns[0]?.inferred).toMatchObject({ type, doubt })
  })

  it.each([
    [99, 1, 'string', 'a string, because 1 of 99 values is not a whole number: “x” in line 2'],
    [200, 2, 'long', '2 of 200 values are not a whole number, the first one “x” in line 2'],
    [200, 3, 'string', 'a string, because 3 of 200 values are not a whole number, the first one “x” in line 2'],
    [200, 21, 'string', null],
  ])('of %i values tolerates a hundredth: with %i bad ones it is a %s', async (count, badCount, type, doubt) => {
    const rows = Array.from({ length: count }, (_, i) => (i < badCount ? 'x' : `${i}`))
    const { columns } = await sampleCsv(bytes(`n\n${rows.join('\n')}\n`), true)
    expect(columns[0]?.inferred).toMatchObject({ type, doubt })
  })

  it('prefers a type that holds all values to one that holds nearly all', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => (i === 7 ? '0.5' : `${i}`))
    expect(typesOf(await sampleCsv(bytes(`n\n${rows.join('\n')}\n`), true))).toEqual({ n: 'double' })
  })

  it('leaves out a last row that may be cut off', async () => {
    const sample = await sampleCsv(bytes('a,b\n1,2001-02-03\n2,2001-0'), false)
    expect(typesOf(sample)).toEqual({ a: 'long', b: 'date' })
    expect(sample.isTruncated).toBe(true)
  })

  it('says what is wrong with a file that is none', async () => {
    await expect(sampleCsv(bytes(''), true)).rejects.toMatchObject({ message: expect.stringContaining('no header') })
    const compressed = new Uint8Array([0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0xff, 0x0a])
    await expect(sampleCsv(compressed, true)).rejects.toMatchObject({
      message: expect.stringContaining('not be text'),
    })
    const utf16 = new Uint8Array(Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'))
    await expect(sampleCsv(utf16, true)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('Set its encoding to utf-16le'),
    })
  })
})

it.each([
  ['id,column3,\n1,a,2\n', /names the column "column3" twice/],
  ['id,name,id\n1,a,2\n', /names the column "id" twice/],
])('A CSV file whose header a load refuses is refused at once, with the correction: %j', async (text, message) => {
  const refused = { code: 'file-damaged', message: expect.stringMatching(message) }
  await expect(sampleCsv(bytes(text), true)).rejects.toMatchObject(refused)
})

it.each([
  [',id,name\n0,1,a\n', 'column1', 'long', 'has no name in the header'],
  ['id;name;\n1;a;\n', 'column3', 'string', 'has no name in the header; no value in the sample'],
])('A column of CSV without a name has that of its position, which is a doubt: %j', async (text, name, type, doubt) => {
  const { columns } = await sampleCsv(bytes(text), true)
  expect(columns.find((column) => column.name === name)).toMatchObject({ type, inferred: { doubt } })
})

it('A sample of CSV reads the forms of values that the options say', async () => {
  const text = 'Report\n1.234,5|31.05.2026|31.05.2026 08:15|NA\n2,25|01.06.2026|01.06.2026 00:00|x\n'
  const sample = await sampleCsv(bytes(text), true, {
    ...CSV_DEFAULTS,
    delimiter: '|',
    skippedLines: 1,
    hasHeader: false,
    nullText: 'NA',
    dateFormat: '%d.%m.%Y',
    timestampFormat: '%d.%m.%Y %H:%M',
    decimalSeparator: ',',
    groupSeparator: '.',
  })
  expect(typesOf(sample)).toEqual({ column1: 'double', column2: 'date', column3: 'timestamp', column4: 'string' })
  expect(sample.rowCount).toBe(2)
  expect(sample.columns[3]?.sampled.nullCount).toBe(1)
})

describe('A sample of a JSON array', () => {
  it('has the types of its objects, and leaves out one that may be cut off', async () => {
    const whole = await sampleJsonArray(bytes('[{"a": 1, "b": "2001-02-03"},\n {"a": null}]'), true)
    expect(typesOf(whole)).toEqual({ a: 'long', b: 'date' })
    expect(whole).toMatchObject({ rowCount: 2, isTruncated: false })
    const beginning = await sampleJsonArray(bytes('[{"a": 1},\n {"a": "x'), false)
    expect(typesOf(beginning)).toEqual({ a: 'long' })
    expect(beginning).toMatchObject({ rowCount: 1, isTruncated: true })
  })

  it('names the item that is not an object', async () => {
    const text = '[{"a": 1},\n 2]'
    await expect(sampleJsonArray(bytes(text), true)).rejects.toThrow('Item 2 in line 2 is not a JSON object.')
    await expect(sampleJsonArray(bytes('[]'), true)).rejects.toMatchObject({ code: 'file-damaged' })
  })
})

describe('A sample of JSON lines', () => {
  it('finds nested types, and a string where values are of several kinds', async () => {
    const sample = await sampleJsonLines(
      bytes(
        '{"id": 1, "at": "2001-02-03", "tags": ["a"], "to": {"x": 1.5, "y": null}, "odd": 1}\n\n' +
          '{"id": 2, "at": null, "tags": [], "to": {"x": 2, "z": true}, "odd": "1", "more": 12345678901234567890}\n',
      ),
      true,
    )
    expect(typesOf(sample)).toEqual({
      id: 'long',
      at: 'date',
      tags: { list: 'string' },
      to: {
        struct: [
          { name: 'x', type: 'double' },
          { name: 'y', type: 'string' },
          { name: 'z', type: 'boolean' },
        ],
      },
      odd: 'string',
      more: 'decimal(38, 0)',
    })
    expect(sample.columns.find(({ name }) => name === 'odd')?.inferred.doubt).toBe('has number and string')
    expect(sample.columns.find(({ name }) => name === 'at')?.sampled).toMatchObject({ nullCount: 1, valueCount: 1 })
  })

  it('names the line that is not an object', async () => {
    await expect(sampleJsonLines(bytes('{"a": 1}\n[1]\n'), true)).rejects.toThrow('Line 2 is not a JSON object.')
  })
})

it('One bad value among many of JSON is named with its line, also within objects and arrays', async () => {
  const row = (i: number) =>
    i === 150 ? { id: 'N/A', day: 'soon', o: { x: true }, a: ['?'] } : { id: i, day: '2026-02-03', o: { x: i }, a: [i] }
  const text = Array.from({ length: 200 }, (_, i) => JSON.stringify(row(i))).join('\n')
  const { columns } = await sampleJsonLines(bytes(text), true)
  expect(typesOf({ columns })).toEqual({
    id: 'long',
    day: 'date',
    o: { struct: [{ name: 'x', type: 'long' }] },
    a: { list: 'long' },
  })
  const doubts = columns.flatMap(({ name, sampled }) => sampled.doubts(name))
  expect(doubts).toEqual([
    ['id', '1 of 200 values is not a whole number: “N/A” in line 151'],
    ['day', '1 of 200 values is not a date: “soon” in line 151'],
    ['o.x', '1 of 200 values is not a whole number: “true” in line 151'],
    ['a.element', '1 of 200 values is not a whole number: “?” in line 151'],
  ])
})

it('Rows from further on say the types that the first ones do not, and are not counted as lines', async () => {
  const first = `id,fare\n${'1,2\n'.repeat(200)}`
  const further = [bytes('2,18.5\nx,3\n'), bytes('3,"a\n4,5\n')]
  const { columns, rowCount, furtherCount } = await sampleCsv(bytes(first), false, CSV_DEFAULTS, further)
  expect([rowCount, furtherCount, typesOf({ columns })]).toEqual([200, 2, { id: 'long', fare: 'double' }])
  expect(columns[0]?.inferred.doubt).toBe('1 of 202 values is not a whole number: “x” further on')
  const lines = await sampleJsonLines(bytes('{"id": 1}\n'), false, [bytes('{"id": 2, "at": "2026-01-01"}\n[1]\n')])
  expect([lines.furtherCount, typesOf(lines)]).toEqual([1, { id: 'long', at: 'date' }])
})

it.each([
  ['the digits behind the point', ['62514.96156899', '1.5'], 'decimal(18, 8)'],
  ['more digits than 64 bits hold', ['123456789012.123456789'], 'decimal(38, 9)'],
  ['no number of digits', ['1e-9', '2.5'], null],
])('A column of doubles is offered a decimal with %s', async (_, values, exactType) => {
  const { columns } = await sampleCsv(bytes(`n\n${values.join('\n')}\n`), true)
  expect(columns[0]?.inferred).toMatchObject({ type: 'double', exactType, doubt: `${exactType ?? 'decimal'} is exact` })
})

it('Digits are those of numbers as the options write them', async () => {
  const options = { ...CSV_DEFAULTS, decimalSeparator: ',', groupSeparator: '.', delimiter: ';' } as const
  const { columns } = await sampleCsv(bytes('n\n1.234,125\n'), true, options)
  expect(columns[0]?.inferred.exactType).toBe('decimal(18, 3)')
})

it('A header or a row that is not UTF-8 says so, with the encoding to choose', async () => {
  const facts = { encoding: 'windows-1252' }
  const header = Uint8Array.from([...bytes('Preis in '), 0x80, ...bytes(';Ort\n1;2\n')])
  const message = expect.stringContaining('is not UTF-8. Choose its encoding')
  await expect(sampleCsv(header, true)).rejects.toMatchObject({ message, facts })
  const row = Uint8Array.from([...bytes('a;b\n1;2 '), 0x80, ...bytes('\n')])
  await expect(sampleCsv(row, true)).rejects.toMatchObject({ message: 'Line 2 is not UTF-8.', facts })
})

describe('Rows that a load rejects as a whole', () => {
  const good = Array.from({ length: 2_999 }, (_, i) => `${i},"a",${i}.5`)
  const withRow = (bad: string) => [...good.slice(0, 1_499), bad, ...good.slice(1_499)].join('\n')

  it.each([
    ['7,"SAP "AG"",1.5', 'has text after a closing quote'],
    ['7,"a"', 'has 2 fields but the header has 3'],
    ['7,"a",1.5,x', 'has 4 fields but the header has 3'],
  ])('are left out of a sample of CSV, counted and named: %s', async (bad, reason) => {
    const sample = await sampleCsv(bytes(`id,name,price\n${withRow(bad)}\n`), true)
    expect(typesOf(sample)).toEqual({ id: 'long', name: 'string', price: 'double' })
    expect(sample).toMatchObject({ rowCount: 2_999, isTruncated: false })
    expect(sample.columns.map(({ sampled }) => sampled.valueCount)).toEqual([2_999, 2_999, 2_999])
    expect(sample.unreadable).toEqual({
      count: 1,
      areMany: false,
      sentence: `1 of 3,000 rows cannot be read: line 1,501 ${reason}`,
    })
  })

  it('are also those with a quote that is open at the end, with other bytes, and without a header', async () => {
    const text = bytes(`${withRow('7,"a\x80",1')}\n8,"open,1\n9,b,1`)
    text[text.indexOf(0xc2)] = 0x61
    const { unreadable, rowCount } = await sampleCsv(text, true, { ...CSV_DEFAULTS, hasHeader: false })
    expect(rowCount).toBe(2_999)
    expect(unreadable?.sentence).toBe('2 of 3,001 rows cannot be read: the first one, line 1,500, is not UTF-8')
    const short = await sampleCsv(bytes('1,a\n2,b\n3\n'), true, { ...CSV_DEFAULTS, hasHeader: false })
    expect(short.unreadable?.sentence).toBe('1 of 3 rows cannot be read: line 3 has 1 field but the first row has 2')
  })

  it('are not those that are cut off with the sample', async () => {
    for (const cut of ['3,"b', '3,"b\n', '3'])
      expect(await sampleCsv(bytes(`id,name\n1,a\n2,b\n${cut}`), false)).toMatchObject({
        rowCount: 2,
        unreadable: null,
      })
  })

  it.each([
    ['{"id": 7, "id": 8}', 'names the key "id" twice'],
    ['[7]', 'is not a JSON object'],
    ['{"id": 7', 'ends before the JSON value does'],
  ])('are left out of a sample of JSON lines and arrays: %s', async (bad, reason) => {
    const rows = Array.from({ length: 200 }, (_, i) => (i === 150 ? bad : `{"id": ${i}}`))
    const lines = await sampleJsonLines(bytes(rows.join('\n')), true)
    expect([typesOf(lines), lines.rowCount]).toEqual([{ id: 'long' }, 199])
    expect(lines.unreadable?.sentence).toBe(`1 of 200 rows cannot be read: line 151 ${reason}`)
    if (bad.endsWith('7')) return
    const array = await sampleJsonArray(bytes(`[${rows.join(',')}]`), true)
    expect([typesOf(array), array.rowCount]).toEqual([{ id: 'long' }, 199])
    expect(array.unreadable?.sentence).toBe(`1 of 200 rows cannot be read: item 151 in line 1 ${reason}`)
  })

  it('are counted further on, too', async () => {
    const csv = await sampleCsv(bytes('id,n\n1,2\n'), false, CSV_DEFAULTS, [bytes('2,3\n3\n4,5\n')])
    expect([csv.furtherCount, csv.unreadable?.sentence]).toEqual([
      2,
      '1 of 4 rows cannot be read: a row further on has 1 field but the header has 2',
    ])
    const json = await sampleJsonLines(bytes('{"a": 1}\n'), false, [bytes('{"a": 1}\n7\n')])
    expect(json.unreadable?.sentence).toBe('1 of 3 rows cannot be read: a row further on is not a JSON object')
  })

  it.each([
    [2, false],
    [3, true],
    [99, true],
  ])('are many if they are more than a hundredth: %i of 200', async (count, areMany) => {
    const rows = Array.from({ length: 200 }, (_, i) => (i < count ? '1' : '1,2'))
    const { unreadable } = await sampleCsv(bytes(`a,b\n${rows.join('\n')}`), true)
    expect(unreadable).toMatchObject({ count, areMany })
  })

  it('refuse the file if they are half of it', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => (i < 100 ? '1' : '1,2'))
    await expect(sampleCsv(bytes(`a,b\n${rows.join('\n')}`), true)).rejects.toMatchObject({
      code: 'file-damaged',
      message: 'Line 2 has 1 field but the header has 2. 100 of 200 rows cannot be read.',
      facts: { line: 2 },
    })
  })
})
