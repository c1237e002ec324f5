import { describe, expect, it } from 'vitest'
import { column, createTestStaging } from '@/testing/ingest/test-staging'
import { encodeColumns } from '@/testing/parquet/encode-columns'

const { stage, preview, rejects, rejectTexts, rejectedRecords, rows } = createTestStaging()

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
      { line: 1, column: 'id', value: '1', reason: 'breaks the rule once: has the same id as line 1' },
    ])
    expect(rejectTexts()).toEqual(['{"id":2,"record":"q"}', '{"id":1,"record":"2"}'])
  })
})
