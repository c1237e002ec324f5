import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { declarationOfDraft } from '@/lib/changes/new-table/new-table-draft'
import { samplePartitions } from '@/lib/ingest/sample/sampled-partitions'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { JSON_FILE, readCsvAsTable, readJsonAsTable } from './text-as-table'

const readTextAsTable = async (file: File) =>
  JSON_FILE.test(file.name) ? readJsonAsTable(file) : (await readCsvAsTable(file)).filling

/** The sample's description of each column, by its name. */
async function samplesOf(name: string, text: string) {
  const { draft, sample } = await readTextAsTable(new File([text], name))
  return Object.fromEntries(
    [...indexFields(draft.schema)].map(([id, { path }]) => {
      const sampled = sample?.columns.get(id)
      return [path.join('.'), sampled && [sampled.text, sampled.type, sampled.doubt]]
    }),
  )
}

it('samples every column within columns', async () => {
  const rows = [
    { id: 1, n: { x: 1, y: [1, 'two'] }, t: '2024-01-01' },
    { id: 2, n: { y: [] } },
    { id: 3, n: { x: null, y: [3] }, t: null },
    { id: 4, t: '2024-01-02' },
  ]
  expect(await samplesOf('a.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'))).toEqual({
    id: ['1', 'long', null],
    n: ['{…}, 25.0% null', 'struct<x: long, y: list<string>>', null],
    'n.x': ['1, 66.7% null', 'long', null],
    'n.y': ['[…]', 'list<string>', null],
    'n.y.element': ['1', 'string', 'has number and string'],
    t: ['2024-01-01, 50.0% null', 'date', null],
  })
})

it('counts the nulls of a CSV file', async () => {
  expect(await samplesOf('a.csv', 'id,name\n1,a\n2,\n')).toEqual({
    id: ['1', 'long', null],
    name: ['a, 50.0% null', 'string', null],
  })
})

it('samples the beginning of a text that gzip compressed, and of a JSON array', async () => {
  const rows = Array.from({ length: 400_000 }, (_, id) => ({ id, day: '2026-01-02' }))
  const compressed = gzipSync(JSON.stringify(rows))
  const { draft, sample, name } = await readTextAsTable(new File([compressed], 'Big one.json.gz'))
  expect(draft.schema.fields.map((field) => [field.name, field.type])).toEqual([
    ['id', 'long'],
    ['day', 'date'],
  ])
  expect(name).toBe('big_one')
  expect(sample?.source).toBe('Big one.json.gz, its first 10,000 rows')
  const damaged = new File([compressed.subarray(0, 20), 'x'.repeat(30)], 'a.csv.gz')
  await expect(readTextAsTable(damaged)).rejects.toMatchObject({ code: 'file-damaged' })
})

it('A file larger than its sample has the types of rows all over it, and its rows can be divided', async () => {
  const rows = Array.from(
    { length: 250_000 },
    (_, i) =>
      `${i},2026-${String(1 + Math.floor((i * 12) / 250_000)).padStart(2, '0')}-01,${i < 200_000 ? i : `${i}.5`}\n`,
  )
  const { filling } = await readCsvAsTable(new File([`id,day,fare\n${rows.join('')}`], 'a.csv'))
  expect(declarationOfDraft(filling.draft).columns?.map(({ type }) => type)).toEqual(['long', 'date', 'double'])
  expect(filling.sample?.source).toMatch(/^a\.csv, its first 10,000 rows and [\d,]+ from all over it$/)
  const read = await filling.sample?.rows?.read()
  const months = samplePartitions(read ?? [], [{ path: ['day'], type: 'date', transform: 'month' }])
  expect(months.map(({ label }) => label)).toEqual(
    Array.from({ length: 12 }, (_, i) => `2026-${String(i + 1).padStart(2, '0')}`),
  )
  expect(Math.max(...months.map(({ rowCount }) => rowCount))).toBeLessThan((read?.length ?? 0) / 8)
})

it.each([
  ['a.csv', 'city;n\nKöln;1\n"Bo;nn";2\nKöln;3\n'],
  ['a.ndjson', '{"city": "Köln"}\n{"city": "Bo;nn"}\n{"n": 1, "city": "Köln"}\n'],
  ['a.json', '[{"city": "Köln"}, {"city": "Bo;nn"}, {"city": "Köln"}]'],
])('Rows of %s are divided by the texts of a column', async (name, text) => {
  const { sample } = await readTextAsTable(new File([text], name))
  const found = samplePartitions((await sample?.rows?.read()) ?? [], [
    { path: ['city'], type: 'string', transform: 'identity' },
  ])
  expect(found).toEqual([
    { label: 'Bo;nn', rowCount: 1 },
    { label: 'Köln', rowCount: 2 },
  ])
})
