import { describe, expect, it } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { column, createTestStaging, type StagingOptions } from '@/testing/ingest/test-staging'
import { encodeColumns } from '@/testing/parquet/encode-columns'

const { stage, preview, rejects, savedRejects, rejectTexts, markedRejects, rejectedRecords, rows } = createTestStaging()

const inFile = [
  { field: column(1, 'id', 'long'), values: [2n ** 53n + 1n, -1n, 3n] },
  { field: column(2, 'at', 'timestamp'), values: [2n ** 63n - 1n, null, 0n] },
  { field: column(3, 'it"s', 'string'), values: ['a\n"b"', 'x'.repeat(5_000), null] },
  { field: column(4, 'skipped', 'string'), values: ['1', '2', '3'] },
]
const fields = [column(1, 'id', 'int'), column(2, 'at', 'timestamp'), column(3, 'it"s', 'string', true)]

it('A reject of a Parquet file has its row: the fields that the load reads, as exact and bounded JSON', async () => {
  const options = { ignoreExtra: true, maxRejectedRows: 2 }
  const { rowsRejected } = await stage('parquet', encodeColumns(inFile), fields, options)
  expect(rowsRejected).toBe(2)
  expect(rejects().map(({ line, column: name }) => [line, name])).toEqual([
    [1, 'id'],
    [3, 'it"s'],
  ])
  expect(rejectTexts().map((text) => JSON.parse(text ?? ''))).toEqual([
    { id: '9007199254740993', at: '294247-01-10 04:00:54.775807', 'it"s': 'a\n"b"' },
    { id: '3', at: '1970-01-01 00:00:00', 'it"s': null },
  ])
})

it('A long row of a Parquet file is shortened', async () => {
  const long = [column(1, 'id', 'long'), column(2, 'at', 'timestamp', true), column(3, 'it"s', 'string')]
  await stage('parquet', encodeColumns(inFile), long, { ignoreExtra: true, maxRejectedRows: 1 })
  const [text] = rejectTexts()
  expect(text).toHaveLength(2_001)
  expect(text).toMatch(/^\{"id":"-1","at":null,"it\\"s":"x+…$/)
})

it('A preview of a Parquet file has the rows of its rejects', async () => {
  const { rejects: shown } = await preview('parquet', encodeColumns(inFile), fields, { ignoreExtra: true })
  expect(shown[1]).toMatchObject({ line: 3, text: '{"id":"3","at":"1970-01-01 00:00:00","it\\"s":null}' })
})

describe('Records of a JSON array that share a line are listed and saved one by one:', () => {
  const ID = [column(1, 'id', 'long')]
  const ANY = { maxRejectedRows: 100, ignoreExtra: true }

  it.each([
    [
      'all on one line',
      '[{"id":1,"name":"a"},{"id":"x","name":"bad"},{"id":2,"name":"c"},{"id":"y","name":"d"},{"id":3,"name":"e"}]',
      [1, 2, 3],
      [
        [1, '{"id":"x","name":"bad"}'],
        [1, '{"id":"y","name":"d"}'],
      ],
    ],
    [
      'items that are not objects, or not JSON',
      '[{"id":1},{"id":2,},3,{"id":4}]',
      [1, 4],
      [
        [1, '{"id":2,}'],
        [1, '3'],
      ],
    ],
    [
      'some on one line, some over several',
      '[{"id":1}, {"id":"v"}, {\n"id":"w"\n}, {"id":2},\n\n{"id":"x"},{"id":3}, {"id":"y",\r\n"b":1}, {"id":4}, "z"]',
      [1, 2, 3, 4],
      [
        [1, '{"id":"v"}'],
        [1, '{ "id":"w" }'],
        [5, '{"id":"x"}'],
        [5, '{"id":"y",  "b":1}'],
        [6, '"z"'],
      ],
    ],
  ])('%s', async (_, text, ids, rejected) => {
    const staged = await stage('json', text, ID, ANY)
    expect((await rows(staged)).flat().map(Number)).toEqual(ids)
    expect(staged).toMatchObject({
      rowsRejected: rejected.length,
      savedRecords: { recordCount: rejected.length },
    })
    const listed = rejects().map(({ line }, i) => [line, rejectTexts()[i]])
    expect(listed).toEqual(rejected)
    expect(rejectedRecords().toString()).toBe(rejected.map(([, record]) => `${record}\n`).join(''))
    const shown = await preview('json', text, ID, { ignoreExtra: true })
    expect(shown.rejects.map(({ line, text: record }) => [line, record])).toEqual(rejected)
    expect(shown.rows.map(({ values }) => Number(values[0]))).toEqual(ids)
  })

  it.each([
    ['[{"id":1},{"id":"x"},{"id":2},\n{"id":"y"}]', [2, 4], [1, 3]],
    ['[{"id":1},\n{"id":"x"}, {"id":"y"}, {"id":2}]', [undefined, undefined], [undefined, undefined]],
    ['[{"id":1}]', [], [undefined]],
  ])('by their numbers if the first two share a line: %s', async (text, rejected, fitting) => {
    await stage('json', text, ID, ANY)
    const listed = rejected.length === 0 ? [] : savedRejects()
    const shown = await preview('json', text, ID, { ignoreExtra: true })
    expect(listed.map((reject) => ('isByRecord' in reject ? reject.record : undefined))).toEqual(rejected)
    expect(shown.rejects.map(({ record }) => record)).toEqual(rejected)
    expect(shown.rows.map(({ record }) => record)).toEqual(fitting)
  })

  it('and named by them where they stop the load', async () => {
    await expect(stage('json', '[{"id":1},{"id":"x"},{"id":"y"}]', ID)).rejects.toMatchObject({
      message: expect.stringContaining('; the first: id in record 2, id in record 3'),
    })
  })

  it('what expressions and unique rules reject', async () => {
    const fields = [column(1, 'id', 'long'), column(2, 'n', 'int')]
    const text = `[${[1, 2, 1, 3].map((id, i) => `{"id":${id},"record":"${id === 2 ? 'q' : i}"}`).join(',')}]`
    const options = {
      maxRejectedRows: 2,
      mapping: { columns: { n: { sql: 'record::int' } } },
      rules: { once: { columns: ['id'], unique: true } },
    }
    await stage('json', text, fields, options)
    expect(rejects()).toMatchObject([
      { line: 1, column: 'n', value: 'q' },
      { line: 1, column: 'id', value: '1', reason: 'breaks the rule once: has the same id as record 1' },
    ])
    expect(rejectTexts()).toEqual(['{"id":2,"record":"q"}', '{"id":1,"record":"2"}'])
  })
})

describe('The part of a rejected row that does not fit is known:', () => {
  const ID = column(1, 'id', 'int')
  const TWO = [ID, column(2, 'n', 'int')]
  const NOTED = [column(1, 'note', 'string'), column(2, 'n', 'int')]
  const ANY = { maxRejectedRows: 100, ignoreExtra: true }
  const ADDRESS: Type = { type: 'struct', fields: [column(11, 'zip', 'int'), column(12, 'n', 'int')] }
  const LIST: Type = { type: 'list', elementId: 13, element: 'int', elementRequired: false }
  const MAP: Type = { type: 'map', keyId: 14, key: 'string', valueId: 15, value: 'int', valueRequired: false }
  const CROSSED = { columns: { id: { field: 'n' }, n: { field: 'id' } } }

  it.each<[string, string, readonly NestedField[], StagingOptions, string[]]>([
    ['a value that an earlier field contains', 'note,n\n1x0,x\n', NOTED, {}, ['1x0,⟦x⟧']],
    ['a value that several fields have', 'id,n\nx,x\n', TWO, {}, ['x,⟦x⟧', '⟦x⟧,x']],
    [
      'delimiters and quotes in quotes',
      'note,n\n"a,""x"",b","x,""1"""\n"x",x\n',
      NOTED,
      {},
      ['"a,""x"",b","⟦x,""1""⟧"', '"x",⟦x⟧'],
    ],
    ['line ends in quotes', 'note,n\r\n"x\r\nx",x\r\n', NOTED, {}, ['"x\r\nx",⟦x⟧']],
    [
      'empty fields that are required',
      'note,n\na,\n,1\n',
      [column(1, 'note', 'string', true), column(2, 'n', 'int', true)],
      {},
      ['a,⟦⟧', '⟦⟧,1'],
    ],
    [
      'another delimiter and quote, and other columns than those of the header',
      "n;id\n'x;''y';x\n",
      TWO,
      { csv: { delimiter: ';', quote: "'" }, mapping: CROSSED },
      ["'x;''y';⟦x⟧", "'⟦x;''y⟧';x"],
    ],
    [
      'no header',
      'x,1,x\n',
      TWO,
      { csv: { hasHeader: false }, mapping: { columns: { n: { field: 'column3' }, id: { field: 'column2' } } } },
      ['x,1,⟦x⟧'],
    ],
    ['a delimiter that was found', 'note\tn\nx\tx\n', NOTED, {}, ['x\t⟦x⟧']],
  ])('CSV with %s', async (_, text, fields, options, marked) => {
    await stage('csv', text, fields, { ...ANY, ...options })
    expect(new Set(markedRejects())).toEqual(new Set(marked))
  })

  it('none of a row that is wrong as a whole, and of a value that several fields are', async () => {
    await stage('csv', 'id,n\n1,2,3\n4,"x\n', TWO, ANY)
    expect(markedRejects()).toEqual(['1,2,3', '4,"x'])
    const mapping = { columns: { id: { sql: "(n || '' || other)::INT" } } }
    await stage('csv', 'n,other\n1,x\n', TWO, { ...ANY, mapping })
    expect(markedRejects()).toEqual(['1,x'])
  })

  it.each<[string, string, readonly NestedField[], StagingOptions, string[]]>([
    ['a value that a key and another member have', '{"x":"x", "n" : "x" }\n', TWO, {}, ['{"x":"x", "n" : ⟦"x"⟧ }']],
    ['a null that is required', '{"id":1,"n":null}\n', [ID, column(2, 'n', 'int', true)], {}, ['{"id":1,"n":⟦null⟧}']],
    ['no member for a required column', '{"id":1}\n', [ID, column(2, 'n', 'int', true)], {}, ['{"id":1}']],
    [
      'a nested value, whose name and text others have, too',
      '{"n":7,"a":{"n":7,"zip":"7x"},"zip":"7x"}\n',
      [ID, column(3, 'a', ADDRESS)],
      {},
      ['{"n":7,"a":{"n":7,"zip":⟦"7x"⟧},"zip":"7x"}'],
    ],
    ['an item of a list', '{"l":[1, true, true]}\n', [column(3, 'l', LIST)], {}, ['{"l":[1, ⟦true⟧, true]}']],
    ['an entry of a map', '{"m":{"a":1,"b\\"c":"x"}}\n', [column(3, 'm', MAP)], {}, ['{"m":{"a":1,"b\\"c":⟦"x"⟧}}']],
    [
      'a path that two values have',
      '{"a":{"n":"x"},"a.n":"x"}\n',
      [column(3, 'a', ADDRESS), column(4, 'a.n', 'string')],
      {},
      ['{"a":{"n":"x"},"a.n":"x"}'],
    ],
    ['other columns than its keys', '{"id":"x","n":1}\n', TWO, { mapping: CROSSED }, ['{"id":⟦"x"⟧,"n":1}']],
    [
      'a key that no column takes, but one is called like',
      '{"n":1,"id":1}\n',
      TWO,
      { ignoreExtra: false, mapping: { columns: { id: { field: 'n' }, n: { value: '1' } } } },
      ['{"n":1,"id":⟦1⟧}'],
    ],
  ])('JSON with %s', async (_, text, fields, options, marked) => {
    await stage('ndjson', text, fields, { ...ANY, ...options })
    expect(markedRejects()).toEqual(marked)
  })

  it('in the JSON of a row of Parquet', async () => {
    const values = [
      { field: column(1, 'note', 'string'), values: ['a', '1099511627776'] },
      { field: column(2, 'n', 'long'), values: [3n, 2n ** 40n] },
    ]
    await stage('parquet', encodeColumns(values), NOTED, ANY)
    expect(markedRejects()).toEqual(['{"note":"1099511627776","n":⟦"1099511627776"⟧}'])
  })

  it('although it is beyond the end of a text that is cut', async () => {
    await stage('csv', `note,n\n${'a'.repeat(3_000)},xyz\n`, NOTED, ANY)
    expect(markedRejects()).toEqual([`${'a'.repeat(2_000)}…⟦⟧`])
  })

  it('in a preview', async () => {
    const { rejects: shown } = await preview('csv', 'id,n\n10,0x\n', TWO)
    expect(shown).toMatchObject([{ column: 'n', part: { start: 3, end: 5 } }])
  })
})
