import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { listAudit } from '@/server/db/audit-list'
import { readRun } from '@/server/db/jobs/runs'
import { useShortPauses } from '@/testing/clock'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { runLakeshore } from './lakeshore'
import { tableName } from './table-name'

/** Loads of files whose fields do not meet the columns of the table. */

const home = createTestHome({}, STAGE_HERE)

// The command polls for the end of its run.
beforeEach(() => useShortPauses())

const FIELDS: readonly NestedField[] = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'symbol', required: false, type: 'string' },
  { id: 3, name: 'note', required: false, type: 'string' },
]

async function newTable(first: string | null, properties: Readonly<Record<string, string>> = {}) {
  const table = await LandingTable.create(home.services, { fields: FIELDS, properties })
  if (first !== null) await table.landed(first, 'append')
  return { table, name: tableName(table.identifier) }
}

function writeFile(name: string, text: string): string {
  const file = path.join(mkdtempSync(path.join(home.config.homeDir, 'in-')), name)
  writeFileSync(file, text)
  return file
}

async function ingest(...args: string[]) {
  const out: string[] = []
  const said: string[] = []
  const code = await runLakeshore(
    ['ingest', ...args],
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

const SYMBOLS = 'id,symbol,note\n1,AAPL,\n'
const RENAMED = 'id,Ticker,note\n2,MSFT,x\n'

describe('A load with a renamed header', () => {
  it('is refused before a column with values gets only nulls, and loads nothing', async () => {
    const { table, name } = await newTable(SYMBOLS)
    const file = writeFile('a.csv', RENAMED)
    const { code, said } = await ingest(name, file, '--ignore-extra')
    expect(code).toBe(1)
    expect(said).toContain('No file has a field for symbol, which has values in the table')
    expect(said).toContain('--allow-null-columns')
    expect(await table.rows()).toEqual([['1', 'AAPL', null]])
    const previewed = await ingest(name, file, '--ignore-extra', '--preview')
    expect(previewed).toMatchObject({ code: 1, said: expect.stringContaining('(--allow-null-columns') })
    const allowed = await ingest(name, file, '--ignore-extra', '--allow-null-columns', '--preview')
    expect(allowed.code, allowed.said).toBe(0)
  })

  it.each(['append', 'replace-table'])(
    'says at the run, on the command line and in the audit what did not meet: %s',
    async (operation) => {
      const { table, name } = await newTable(SYMBOLS)
      const options = ['--ignore-extra', '--allow-null-columns', '--operation', operation]
      const { code, said, out } = await ingest(name, writeFile('a.csv', RENAMED), ...options)
      expect(code, said).toBe(0)
      expect(said).toContain('No field for these columns, which get their default or null: symbol.')
      expect(said).toContain('Fields without a column, left out: Ticker.')
      expect((await table.rows()).at(-1)).toEqual(['2', null, 'x'])
      const { runId, ...outcome } = JSON.parse(out)
      expect(outcome).toMatchObject({ absentColumns: 'symbol', skippedFields: 'Ticker' })
      expect((await readRun(home.database, runId))?.outcome).toMatchObject({ absentColumns: 'symbol' })
      const { tableUuid } = (await table.loaded()).metadata
      const [entry] = await listAudit(home.database, { limit: 1, tableUuid })
      expect(entry?.after?.fields).toEqual({ absentColumns: 'symbol', skippedFields: 'Ticker' })
    },
  )

  it('is refused in the same way as JSON and as Parquet', async () => {
    const { name } = await newTable(SYMBOLS)
    const parquet = writeFile('a.parquet', '')
    await queryDuckdb(`COPY (SELECT 2::BIGINT AS id, 'MSFT' AS Ticker) TO '${parquet}' (FORMAT parquet)`)
    const json = writeFile('a.ndjson', '{"id": 2, "Ticker": "MSFT"}\n')
    for (const file of [json, parquet]) {
      const refused = await ingest(name, file, '--ignore-extra')
      expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('No file has a field for symbol,') })
      const { said } = await ingest(name, file, '--ignore-extra', '--allow-null-columns')
      expect(said).toContain('get their default or null: symbol, note.')
      expect(said).toContain('left out: Ticker.')
    }
  })
})

describe('A load without a field for a column', () => {
  it('needs no confirmation if the column has no value in the table, or another file has the field', async () => {
    const { table, name } = await newTable(SYMBOLS)
    const first = await ingest(name, writeFile('a.csv', 'id,symbol\n2,MSFT\n'))
    expect(first.code, first.said).toBe(0)
    expect(first.said).toContain('default or null: note.')
    const both = await ingest(name, writeFile('a.csv', `${SYMBOLS}4,IBM,\n`), writeFile('b.csv', 'id\n3\n'))
    expect(both.code, both.said).toBe(0)
    expect(both.said).toContain('default or null: symbol (not in 1 of 2 files), note (not in 1 of 2 files).')
    expect(await table.rows()).toHaveLength(5)
    const empty = await newTable(null)
    expect(await ingest(empty.name, writeFile('a.csv', 'id\n1\n'))).toMatchObject({ code: 0 })
  })

  it('needs one if the metrics of the files do not say whether the column has values', async () => {
    const { name } = await newTable(SYMBOLS, { 'write.metadata.metrics.default': 'none' })
    const refused = await ingest(name, writeFile('a.csv', 'id\n2\n'))
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('No file has a field for symbol and note') })
  })

  it('says nothing if the columns and fields are the same', async () => {
    const { name } = await newTable(null)
    const { said, out } = await ingest(name, writeFile('a.csv', SYMBOLS))
    expect(said).not.toMatch(/No field|left out/)
    expect(JSON.parse(out)).toMatchObject({ absentColumns: null, skippedFields: null })
  })
})

describe('A load without a field inside a column', () => {
  const nested: readonly NestedField[] = [
    { id: 1, name: 'id', required: true, type: 'long' },
    {
      id: 2,
      name: 's',
      required: false,
      type: {
        type: 'struct',
        fields: [
          { id: 3, name: 'a', required: false, type: 'long' },
          { id: 4, name: 'b', required: false, type: 'long' },
        ],
      },
    },
  ]
  const first = '{"id": 1, "s": {"a": 1, "b": 1}}\n'

  async function newNestedTable() {
    const table = await LandingTable.create(home.services, { fields: nested })
    const name = tableName(table.identifier)
    expect(await ingest(name, writeFile('first.ndjson', first))).toMatchObject({ code: 0 })
    return name
  }

  it('is refused if the field has values in the table, and named if it is allowed: JSON and Parquet', async () => {
    const name = await newNestedTable()
    const parquet = writeFile('a.parquet', '')
    await queryDuckdb(
      `COPY (SELECT 2::BIGINT AS id, {'aa': 1::BIGINT, 'b': 1::BIGINT} AS s) TO '${parquet}' (FORMAT parquet)`,
    )
    const json = writeFile('a.ndjson', '{"id": 2, "s": {"aa": 1, "b": 1}}\n{"id": 3, "s": null}\n')
    for (const file of [json, parquet]) {
      const refused = await ingest(name, file, '--ignore-extra')
      expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('No file has a field for s.a,') })
      const { code, said, out } = await ingest(name, file, '--ignore-extra', '--allow-null-columns')
      expect(code, said).toBe(0)
      expect(JSON.parse(out)).toMatchObject({ absentColumns: 's.a', skippedFields: 's.aa' })
    }
  })

  it('needs no confirmation if a row has it, or if the whole column is null', async () => {
    const name = await newNestedTable()
    const some = writeFile('some.ndjson', '{"id": 2, "s": {"b": 1}}\n{"id": 3, "s": {"a": 2, "b": 1}}\n')
    expect(await ingest(name, some)).toMatchObject({ code: 0, out: expect.stringContaining('"absentColumns":null') })
    const none = writeFile('none.ndjson', '{"id": 4, "s": null}\n')
    expect(await ingest(name, none)).toMatchObject({ code: 0, out: expect.stringContaining('"absentColumns":null') })
  })
})
