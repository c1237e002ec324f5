import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { listRuns } from '@/server/db/jobs/runs'
import { useShortPauses } from '@/testing/clock'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { runLakeshore } from './lakeshore'
import { tableName } from './table-name'

const home = createTestHome({}, STAGE_HERE)

// The command polls for the end of its run.
beforeEach(() => useShortPauses())

const ingest = (...args: string[]) => lakeshore('ingest', ...args)

async function lakeshore(...args: string[]) {
  const out: string[] = []
  const said: string[] = []
  const code = await runLakeshore(
    args,
    {
      print: (line) => out.push(line),
      printMessage: (line) => said.push(line),
      prompt: async () => null,
      signal: new AbortController().signal,
    },
    () => home.services,
  )
  return { code, out: out.join('\n'), said: said.join('\n') }
}

async function newTable(properties: Readonly<Record<string, string>> = {}) {
  const table = await LandingTable.create(home.services, {
    properties,
    fields: [
      { id: 1, name: 'id', required: true, type: 'long' },
      { id: 2, name: 'at', required: false, type: 'timestamptz' },
      { id: 3, name: 'price', required: false, type: 'decimal(9, 2)' },
      { id: 4, name: 'name', required: false, type: 'string' },
      { id: 5, name: 'source', required: false, type: 'string' },
    ],
  })
  return { table, name: tableName(table.identifier) }
}

/** Files by their paths in a new folder. */
function writeFiles(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(path.join(home.config.homeDir, 'in-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), content)
  }
  return folder
}

describe('lakeshore ingest with options', () => {
  it('reads a file from Germany, and maps its fields', async () => {
    const { table, name } = await newTable()
    const text = 'Export\nNr.;Zeit;Preis;Name;Lager\n1;31.01.2026 08:15;1.234,50;Zoë;A\n2;-;;;B\n'
    const file = path.join(writeFiles({ 'may.csv': Buffer.from(text, 'latin1') }), 'may.csv')
    const csv = ['--delimiter', ';', '--skip-lines', '1', '--encoding', 'windows-1252', '--null-text', '-']
    const times = ['--timestamp-format', '%d.%m.%Y %H:%M', '--assume-utc']
    const numbers = ['--decimal-separator', ',', '--group-separator', '.']
    const fields = ['--map', 'id=Nr.', '--map', 'at=Zeit', '--map', 'price=Preis', '--sql', 'name=upper("Name")']
    const columns = [...fields, '--fact', 'source=file-name', '--ignore', 'Lager']
    const { code, said } = await ingest(name, file, ...csv, ...times, ...numbers, ...columns)
    expect(code, said).toBe(0)
    expect(await table.rows()).toEqual([
      ['1', expect.stringContaining('2026-01-31'), '1234.5', 'ZOË', 'may.csv'],
      ['2', null, null, null, 'may.csv'],
    ])
  })

  it('asks how numbers are read that could be thousands, before it loads them into columns of numbers', async () => {
    const { table, name } = await newTable()
    const file = path.join(writeFiles({ 'a.csv': 'id;price;name\n1;3.472;1.250\n' }), 'a.csv')
    const refused = await ingest(name, file)
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('“3.472” in price (line 2) is 3.472 if') })
    const previewed = await ingest(name, file, '--preview')
    expect(previewed).toMatchObject({ code: 1, said: expect.stringContaining('--group-separator . for 3472') })
    expect(await ingest(name, file, '--ignore', 'price', '--preview')).toMatchObject({ code: 0 })
    const german = ['--decimal-separator', ',', '--group-separator', '.']
    const loaded = await ingest(name, file, ...german)
    expect(loaded.code, loaded.said).toBe(0)
    expect((await table.rows()).map((row) => row.slice(2, 4))).toEqual([['3472', '1.250']])
  })

  it('loads files and folders of them as one snapshot, some of them compressed', async () => {
    const { table, name } = await newTable()
    const folder = writeFiles({
      'in/may/a.csv': 'id\n1\n',
      'in/june/a.csv.gz': gzipSync('id\n2\n'),
      'in/_SUCCESS': '',
      'b.csv': 'id\n3\n4\n',
    })
    const { code, said, out } = await ingest(name, path.join(folder, 'in'), path.join(folder, 'b.csv'))
    expect(code, said).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ rowsRead: 4, rowsCommitted: 4 })
    expect((await table.rows()).map(([id]) => id)).toEqual(['1', '2', '3', '4'])
    expect((await table.loaded()).metadata.snapshots).toHaveLength(1)
    expect((await listRuns(home.database, { limit: 1 }))[0]?.title).toBe('Load a.csv.gz and 2 other files')
  })

  it('reads files in the order in which they are given, by an option or alone', async () => {
    const { name } = await newTable()
    const folder = writeFiles({ 'a.csv': 'id\n1\n', 'b.csv': 'id\n1\n', 'c.csv': 'id\n1\n' })
    const [a, b, c] = ['a', 'b', 'c'].map((file) => path.join(folder, `${file}.csv`)) as [string, string, string]
    const { out } = await ingest(b, '--table', name, '--file', c, a, '--preview', '--json')
    expect(JSON.parse(out).files.map(({ file }: { file: string }) => file)).toEqual(['b.csv', 'c.csv', 'a.csv'])
  })

  it('lists 10,000 rejects with their records, counts the others, and says so', async () => {
    const { name } = await newTable()
    const rows = Array.from({ length: 10_002 }, (_, i) => `x${i},${i === 0 ? 'y'.repeat(3_000) : 'a'}`)
    const file = path.join(writeFiles({ 'a.csv': `id,name\n1,good\n${rows.join('\n')}\n` }), 'a.csv')
    const stopped = await ingest(name, file)
    expect(stopped.said).toMatch(/rejects: .*jobs rejects [0-9A-Z]+/)
    const loaded = await ingest(name, file, '--allow-rejects')
    expect(loaded.code, loaded.said).toBe(0)
    const { runId, rowsRejected } = JSON.parse(loaded.out)
    expect(rowsRejected).toBe(10_002)
    expect(loaded.said).toContain(`10,002 rows rejected. `)
    expect(loaded.said).toContain(`jobs rejects ${runId}`)
    const { out, said } = await lakeshore('jobs', 'rejects', runId)
    const [first, second, ...others] = out.split('\n').map((line) => JSON.parse(line))
    expect(others).toHaveLength(9_998)
    expect(first).toMatchObject({ line: 3, column: 'id', value: 'x0', text: `x0,${'y'.repeat(1_997)}…` })
    expect(second).toMatchObject({ file: 'a.csv', line: 4, value: 'x1', text: 'x1,a' })
    expect(said).toBe('10,000 of 10,002 rejected rows are listed; the others are only counted.')
  })

  it('skips rejects up to a share of all rows, and lists them when there are more', async () => {
    const { table, name } = await newTable()
    const file = path.join(writeFiles({ 'a.csv': 'id\n1\nx\n2\n3\n' }), 'a.csv')
    const failed = await ingest(name, file, '--reject-share', '24.9')
    expect(failed).toMatchObject({
      code: 1,
      said: expect.stringContaining('1 of 4 rows does not fit the table, more than the 24.9%'),
    })
    expect(failed.said).toContain('rejectsFile: ')
    expect(await table.rows()).toEqual([])
    expect(await ingest(name, file, '--reject-share', '25%', '--allow-rejects', '0')).toMatchObject({ code: 1 })
    expect(await ingest(name, file, '--reject-share', '25%')).toMatchObject({ code: 0 })
    expect(await table.rows()).toHaveLength(3)
  })
})

describe('lakeshore ingest --preview', () => {
  it('prints the rows that break a rule of the table', async () => {
    const { name } = await newTable({
      'lakeshore.rule.cheap': '{"column":"price","max":"9.99"}',
      'lakeshore.rule.once': '{"columns":["id"],"unique":true}',
    })
    const file = path.join(writeFiles({ 'a.csv': 'id,price\n1,9.99\n2,10\n1,1\n' }), 'a.csv')
    const { code, out } = await ingest(name, file, '--preview')
    expect({ code, rejects: out.split('\n').slice(-2) }).toEqual({
      code: 1,
      rejects: [
        expect.stringMatching(/^ {2}3 {5}price {3}10 {5}breaks the rule cheap: is not at most 9[.]99$/),
        expect.stringMatching(/^ {2}4 {5}id {6}1 {6}breaks the rule once: has the same id as line 2$/),
      ],
    })
  })

  it('prints the first rows and rejects, and changes nothing', async () => {
    const { table, name } = await newTable()
    const text = 'id|name\n1|a\u001b[31m b\nx|c\n2|\n'
    const file = path.join(writeFiles({ 'a.csv': text }), 'a.csv')
    const runCount = (await listRuns(home.database, { limit: 500 })).length
    const { code, out, said } = await ingest(name, file, '--preview')
    expect({ code, out: out.split('\n') }).toEqual({
      code: 1,
      out: [
        'a.csv: 3 rows read, 1 of them rejected.',
        'Fields are separated by "|".',
        '  line  id (long)  at (timestamptz)  price (decimal(9, 2))  name (string)    source (string)',
        '  2     1          –                 –                      a[U+001B][31m b  –',
        '  4     2          –                 –                      –                –',
        'Rejected values:',
        '  line  column  value  reason',
        expect.stringMatching(/^ {2}3 {5}id {6}x {6}is not/),
      ],
    })
    expect(said).toBe(
      '1 row of 3 rows would be rejected. --allow-rejects permits rejects.\nThe load would stop. Nothing was loaded.',
    )
    expect(await ingest(name, file, '--preview', '--allow-rejects')).toMatchObject({
      code: 0,
      said: 'The load would not stop at these rows. Nothing was loaded.',
    })
    expect(await ingest(name, file, '--preview', '--reject-share', '33')).toMatchObject({
      code: 1,
      said: expect.stringContaining('more than the 33% of --reject-share.'),
    })
    expect(await table.rows()).toEqual([])
    expect(await listRuns(home.database, { limit: 500 })).toHaveLength(runCount)
  })

  it('names everything that would stop the load, of each file', async () => {
    const { name } = await newTable()
    const folder = writeFiles({ 'a.csv': 'id,more\n1,2\n', 'b.csv': 'id,more,other\n1,2,3\n' })
    const options = ['--map', 'none=more', '--ignore', 'other', '--sql', 'name=nothing(id)']
    const { code, out, said } = await ingest(name, folder, ...options, '--preview', '--json')
    const report = JSON.parse(out)
    expect(code).toBe(1)
    expect(report.reasons).toEqual([
      'a.csv: The mapping names columns that the table does not have: "none".',
      expect.stringContaining('a.csv: No column takes these fields'),
      'a.csv: The mapping names fields that the file does not have: "other".',
      expect.stringContaining('a.csv: Column name: '),
      'b.csv: The mapping names columns that the table does not have: "none".',
      expect.stringContaining('b.csv: No column takes these fields'),
      expect.stringContaining('b.csv: Column name: '),
    ])
    expect(said.split('\n')).toEqual([...report.reasons, 'The load would stop. Nothing was loaded.'])
    expect(report.files[1]).toMatchObject({ file: 'b.csv', unmappedFields: ['more'], rowsRead: 1, isTruncated: false })
  })

  it('checks the table as the load does, also one that the load creates', async () => {
    const { name } = await newTable()
    const folder = writeFiles({
      'a.csv': 'id\n1\n',
      'schema.json': '{"type":"struct","fields":[{"id":1,"name":"id","required":true,"type":"int"}]}',
    })
    const file = path.join(folder, 'a.csv')
    const schema = path.join(folder, 'schema.json')
    expect(await ingest('new.table', file, '--preview')).toMatchObject({
      code: 1,
      said: expect.stringContaining('There is no table'),
    })
    expect(await ingest(name, file, '--create-schema', schema, '--preview')).toMatchObject({ code: 1 })
    expect(await ingest('new.table', file, '--create-schema', schema, '--preview')).toMatchObject({ code: 0 })
    expect(await ingest(name, file, '--operation', 'upsert', '--preview')).toMatchObject({ code: 1, out: '' })
    expect(await ingest(name, path.join(folder, 'none.csv'), '--preview')).toMatchObject({
      code: 1,
      said: expect.stringContaining('There is no file'),
    })
  })

  it('reads the beginning of a large text, and Parquet', async () => {
    const { name } = await newTable()
    const rows = Array.from({ length: 5_000 }, (_, i) => i).join('\n')
    const folder = writeFiles({ 'a.csv': `id\n${rows}\n` })
    const parquet = path.join(folder, 'b.parquet')
    await queryDuckdb(`COPY (SELECT 7::BIGINT AS id) TO '${parquet}' (FORMAT parquet)`)
    expect((await ingest(name, path.join(folder, 'a.csv'), '--preview')).out).toMatch(
      /^a[.]csv: the first 1,000 rows read, 0 of them rejected[.]\n[^]* … 90 more, which --json has$/,
    )
    expect((await ingest(name, parquet, '--preview')).out).toContain('b.parquet: 1 row read, 0 of them rejected.')
  })
})

it('A load that replaces matching rows needs its filter, and no other load has one', async () => {
  const { name } = await newTable()
  const file = path.join(home.config.homeDir, 'matching.csv')
  writeFileSync(file, 'id\n1\n')
  const missing = await ingest(name, file, '--operation', 'replace-where')
  expect([missing.code === 0, missing.said]).toEqual([false, expect.stringContaining('--where is missing')])
  const other = await ingest(name, file, '--where', 'id = 1')
  expect([other.code === 0, other.said]).toEqual([
    false,
    expect.stringContaining('--where belongs to --operation replace-where'),
  ])
  const wrong = await ingest(name, file, '--operation', 'replace-where', '--where', 'nothing = 1')
  expect([wrong.code, wrong.said]).toEqual([1, expect.stringContaining('nothing')])
})
