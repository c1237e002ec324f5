import { describe, expect, it } from 'vitest'
import { CSV_DEFAULTS } from './csv-options'
import { sampleCsv, sampleJsonArray, sampleJsonLines } from './sample-file'

const bytes = (text: string) => new TextEncoder().encode(text)
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

  it('leaves out a last row that may be cut off', async () => {
    const sample = await sampleCsv(bytes('a,b\n1,2001-02-03\n2,2001-0'), false)
    expect(typesOf(sample)).toEqual({ a: 'long', b: 'date' })
    expect(sample.isTruncated).toBe(true)
  })

  it('says what is wrong with a file that is none', async () => {
    await expect(sampleCsv(bytes(''), true)).rejects.toMatchObject({ code: 'file-damaged' })
  })
})

it.each([
  ['id,name,\n1,a,\n', /cannot be loaded as it is\. Column 3 .* ends in a separator\. Add a name there, or remove/],
  [
    ',id,name\n0,1,a\n',
    /cannot be loaded as it is\. Column 1 of the header has no name\. Add a name to its first line/,
  ],
  ['id;name;\n1;a;\n', /Column 3 of the header has no name/],
  ['id,name,id\n1,a,2\n', /names the column "id" twice/],
])('A CSV file whose header a load refuses is refused at once, with the correction: %j', async (text, message) => {
  const refused = { code: 'file-damaged', message: expect.stringMatching(message) }
  await expect(sampleCsv(bytes(text), true)).rejects.toMatchObject(refused)
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

  it('names the line of an item that is no object', async () => {
    await expect(sampleJsonArray(bytes('[{"a": 1},\n 2]'), true)).rejects.toThrow('Line 2 is no JSON object.')
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

  it('names the line that is no object', async () => {
    await expect(sampleJsonLines(bytes('{"a": 1}\n[1]\n'), true)).rejects.toThrow('Line 2 is no JSON object.')
  })
})
