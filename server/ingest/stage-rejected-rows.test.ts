import { expect, it } from 'vitest'
import { column, createTestStaging } from '@/testing/ingest/test-staging'
import { encodeColumns } from '@/testing/parquet/encode-columns'

const { stage, preview, rejects, rejectTexts } = createTestStaging()

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
