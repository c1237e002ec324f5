import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '@/lib/api/call'
import { pythonString } from '@/lib/sql/quoting'
import { snippetFor } from '@/lib/connect/snippet-for'
import { listTables, getNamespace } from '@/lib/contract/namespaces'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { getTable } from '@/lib/contract/table/tables'
import { getView, listViews } from '@/lib/contract/views'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { startS3Server } from '@/testing/stores/s3-server'
import { readShownRows, stubFetchWith } from '@/testing/product/browser-client'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { runToEnd } from '@/testing/processes/run-to-end'
import { installTrino } from '@/testing/peers/install-trino'
import { startTrino, type TrinoServer } from '@/testing/peers/trino-server'
import { pyicebergS3Properties } from '../trips'

/**
 * Trino as the page *Connect* sets it up: it starts with the unchanged file, gets only the token, from the environment,
 * and runs the query below it. Then the tests compare Trino's writes with the console.
 */

const PYTHON_TIMEOUT_MS = 300_000
const tableIdentifier = (namespace: readonly string[], name: string): TableIdentifier => ({
  catalog: 'local',
  namespace,
  table: name,
})

const python = installPyiceberg()
const trino = await installOrSkip('Trino', installTrino)
const isAvailable = python !== null && trino !== null
const s3 = isAvailable ? await startS3Server() : null

describe.skipIf(!isAvailable)('Trino on a local lake (skipped when Trino or PyIceberg is unavailable)', () => {
  const TABLES = [
    tableIdentifier(['shop'], 'trips'),
    tableIdentifier(['shop', 'select'], 'order'),
    tableIdentifier(['shop', `it's "north" \`é\``], `100% of a.b x ünï 😀 'q' "d" \`t\``),
  ] as const
  const NAMELESS = tableIdentifier(['shop'], `100% of $x`)
  let folder: string
  let lakeshore: Lakeshore
  let engine: TrinoServer

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'trino-'))
    lakeshore = await startLakeshore(folder)
    stubFetchWith(lakeshore.console)
    await createTables(lakeshore, folder, [...TABLES, NAMELESS])
    engine = await startOn(lakeshore, folder, TABLES[0])
  })
  afterAll(async () => {
    vi.unstubAllGlobals()
    await engine?.stop()
    await lakeshore?.stop()
    rmSync(folder, { recursive: true })
  })

  test.each(TABLES)(
    'reads $namespace $table with the same catalog file and the query of its page',
    async (identifier) => {
      const { file, query } = await readSnippet(identifier)
      expect(file).toBe((await readSnippet(TABLES[0])).file)
      expect(await engine.sql(query)).toEqual([[3]])
    },
  )

  test('cannot name a table with one of its special characters, so the page offers no snippet', async () => {
    await expect(engine.sql(`SELECT * FROM "local"."shop"."${NAMELESS.table}"`)).rejects.toThrow('TABLE_NOT_FOUND')
    expect(snippetFor('trino', NAMELESS, await call(getTable, NAMELESS), 'rest')).toBeNull()
  })

  test('creates a table, whose rows the console then shows', async () => {
    const fares = tableIdentifier(['made'], 'fares')
    await engine.sql('CREATE SCHEMA local.made')
    await engine.sql(`CREATE TABLE local.made.fares (id bigint, town varchar, fare decimal(38, 2))
      WITH (partitioning = ARRAY['town'])`)
    await engine.sql(`INSERT INTO local.made.fares VALUES (1, 'ABQ', 1.5), (${BIG}, 'ÅBC', ${HUGE}), (3, NULL, NULL)`)
    expect(await readShownRows(fares)).toEqual([[1n, 'ABQ', 150n], [3n, null, null], LAST])
    expect((await call(getTable, fares)).figures.rowCount).toBe(3)
  })

  test('changes rows by delete files, which the console reports and applies, before and after compaction', async () => {
    const fares = tableIdentifier(['made'], 'fares')
    await engine.sql(`UPDATE local.made.fares SET town = 'LAX' WHERE id = 1`)
    await engine.sql('DELETE FROM local.made.fares WHERE id = 3')
    await engine.sql(`MERGE INTO local.made.fares f USING (VALUES (1, 'SFO'), (5, 'JFK')) n (id, town) ON f.id = n.id
      WHEN MATCHED THEN UPDATE SET town = n.town WHEN NOT MATCHED THEN INSERT (id, town) VALUES (n.id, n.town)`)
    const { figures } = await call(getTable, fares)
    // The count of rows in data files, without subtracting delete files.
    expect(figures).toMatchObject({ rowCount: 6, deleteFileCount: 3 })
    const liveRows = [[1n, 'SFO', 150n], [5n, 'JFK', null], LAST]
    expect(await readShownRows(fares)).toEqual(liveRows)

    await engine.sql('ALTER TABLE local.made.fares RENAME COLUMN town TO city')
    await engine.sql('ALTER TABLE local.made.fares EXECUTE optimize')
    expect(await readShownRows(fares)).toEqual(liveRows)
    expect((await call(getTable, fares)).schema.fields.map(({ name }) => name)).toEqual(['id', 'city', 'fare'])
    expect(await engine.sql('SELECT id, city, CAST(fare AS varchar) FROM local.made.fares ORDER BY id')).toEqual([
      [1, 'SFO', '1.50'],
      [5, 'JFK', null],
      [BIG, 'ÅBC', HUGE],
    ])
  })

  test('reads a table at each snapshot that the console lists', async () => {
    const fares = tableIdentifier(['made'], 'fares')
    const { snapshots } = await call(listSnapshots, fares)
    const ids = snapshots.map(({ snapshotId }) => snapshotId).toReversed()
    const inTrino = 'SELECT CAST(snapshot_id AS varchar) FROM local.made."fares$snapshots" ORDER BY committed_at'
    expect((await engine.sql(inTrino)).flat()).toEqual(ids)
    const rowsBySnapshot = []
    for (const id of ids) {
      // A snapshot has the column names of its time.
      const town = id === ids.at(-1) ? 'city' : 'town'
      const query = `SELECT count(*), max(if(id = 1, ${town})) FROM local.made.fares FOR VERSION AS OF ${id}`
      rowsBySnapshot.push(...(await engine.sql(query)))
    }
    // Created, filled, updated, deleted from, merged into, compacted.
    expect(rowsBySnapshot).toEqual([
      [0, null],
      [3, 'ABQ'],
      [3, 'LAX'],
      [2, 'LAX'],
      [3, 'SFO'],
      [3, 'SFO'],
    ])
    const rowsWithTown = await readShownRows(fares, { snapshotId: String(ids[1]) })
    expect(rowsWithTown.map(([, town]) => town)).toEqual(['ABQ', null, 'ÅBC'])
  })

  test('creates a table from a query, renames, compacts, replaces and drops it', async () => {
    const tables = async () => (await call(listTables, { catalog: 'local', namespace: ['made', 'deep'] })).tables
    await engine.sql('CREATE SCHEMA local."made.deep"')
    await engine.sql('CREATE TABLE local."made.deep".one AS SELECT id FROM local.shop.trips')
    await engine.sql('INSERT INTO local."made.deep".one VALUES 4')
    await engine.sql('ALTER TABLE local."made.deep".one RENAME TO local."made.deep".two')
    expect(await tables()).toEqual(['two'])
    await engine.sql('ALTER TABLE local."made.deep".two EXECUTE optimize')
    const two = tableIdentifier(['made', 'deep'], 'two')
    expect((await call(getTable, two)).figures).toMatchObject({ rowCount: 4, dataFileCount: 1 })
    await engine.sql(`CREATE OR REPLACE TABLE local."made.deep".two AS SELECT 'new' word`)
    expect(await readShownRows(two)).toEqual([['new']])
    await engine.sql('DROP TABLE local."made.deep".two')
    expect(await tables()).toEqual([])
    // Its files may still exist: the next table of that name gets another folder.
    await engine.sql('CREATE TABLE local."made.deep".two AS SELECT 7 number')
    expect(await readShownRows(two)).toEqual([[7]])
  })

  test('creates a view, which the console shows, and drops it', async () => {
    const views = async () => (await call(listViews, { catalog: 'local', namespace: ['made'] })).views
    await engine.sql('CREATE VIEW local.made.cities AS SELECT city FROM local.made.fares')
    expect(await engine.sql('SELECT count(*) FROM local.made.cities')).toEqual([[3]])
    expect(await views()).toEqual(['cities'])
    const view = await call(getView, { catalog: 'local', namespace: ['made'], view: 'cities' })
    expect(JSON.stringify(view)).toContain('trino')
    await engine.sql('DROP VIEW local.made.cities')
    expect(await views()).toEqual([])
  })

  test('does not store the folder of new tables as a property of the namespace', async () => {
    expect(await call(getNamespace, { catalog: 'local', namespace: ['made'] })).toEqual({
      properties: {},
      location: null,
      openProposalCount: 0,
    })
  })
})

describe.skipIf(s3 === null)('Trino on a lake in an S3 store (skipped when it is unavailable)', () => {
  const TABLES = [tableIdentifier(['shop', 'EU'], 'Orders'), tableIdentifier(['shop', 'EU'], 'trips')] as const
  const store = s3!
  let folder: string
  let lakeshore: Lakeshore
  let engine: TrinoServer

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'trino-s3-'))
    lakeshore = await startLakeshore(folder, {
      LAKESHORE_WAREHOUSE: `s3://${store.bucket}/wh`,
      LAKESHORE_S3_ENDPOINT: store.endpoint,
      LAKESHORE_S3_REGION: store.region,
      LAKESHORE_S3_ACCESS_KEY_ID: store.accessKeyId,
      LAKESHORE_S3_SECRET_ACCESS_KEY: store.secretAccessKey,
    })
    stubFetchWith(lakeshore.console)
    await createTables(lakeshore, folder, TABLES, pyicebergS3Properties(store))
    const keys = { AWS_ACCESS_KEY_ID: store.accessKeyId, AWS_SECRET_ACCESS_KEY: store.secretAccessKey }
    engine = await startOn(lakeshore, folder, TABLES[0], keys)
  })
  afterAll(async () => {
    vi.unstubAllGlobals()
    await engine?.stop()
    await lakeshore?.stop()
    await store.stop()
    rmSync(folder, { recursive: true })
  })

  test.each(TABLES)('reads $namespace $table, whatever letters are large', async (identifier) => {
    expect(await engine.sql((await readSnippet(identifier)).query)).toEqual([[3]])
  })

  test('creates a table and appends to it, and the console shows the rows', async () => {
    await engine.sql('CREATE SCHEMA local.made')
    await engine.sql('CREATE TABLE local.made.fares AS SELECT id FROM local."shop.eu".orders')
    await engine.sql('INSERT INTO local.made.fares VALUES 4')
    expect(await readShownRows(tableIdentifier(['made'], 'fares'))).toEqual([[1n], [2n], [3n], [4n]])
    expect((await call(getTable, tableIdentifier(['made'], 'fares'))).location).toMatch(/^s3:\/\/lake\/wh\/made\/fares/)
  })
})

const BIG = 9223372036854775807n
const HUGE = '123456789012345678901234567890123456.78'
const LAST = [BIG, 'ÅBC', BigInt(HUGE.replace('.', ''))]

/** The file and the query that the page of a table shows. */
async function readSnippet(identifier: TableIdentifier): Promise<{ name: string; file: string; query: string }> {
  const snippet = snippetFor('trino', identifier, await call(getTable, identifier), 'rest')
  const parts = /^# etc\/catalog\/(?<name>.+)\n(?<file>[^]*)\n# then: (?<query>.+)$/.exec(snippet?.text ?? '')?.groups
  if (!parts) throw new Error(`The snippet has no file and query: ${snippet?.text}`)
  const { name = '', file = '', query = '' } = parts
  return { name, file, query }
}

async function startOn(
  lakeshore: Lakeshore,
  folder: string,
  identifier: TableIdentifier,
  keys: Record<string, string> = {},
) {
  const { name, file } = await readSnippet(identifier)
  const env = { LAKESHORE_TOKEN: lakeshore.token, ...keys }
  return startTrino(trino!, path.join(folder, 'trino'), { [name]: file }, env)
}

async function createTables(
  { uri, token }: Lakeshore,
  folder: string,
  identifiers: readonly TableIdentifier[],
  more: Record<string, string> = {},
): Promise<void> {
  const names = identifiers.map(
    (identifier) => `(${[...identifier.namespace, identifier.table].map(pythonString).join(', ')})`,
  )
  const file = path.join(folder, 'tables.py')
  writeFileSync(
    file,
    `
import os, pyarrow as pa
from pyiceberg.catalog import load_catalog
catalog = load_catalog('local', type='rest', uri=${pythonString(uri)}, token=os.environ['LAKESHORE_TOKEN'], **${JSON.stringify(more)})
rows = pa.table({'id': [1, 2, 3]})
for name in [${names.join(', ')}]:
  catalog.create_namespace_if_not_exists(name[:-1])
  catalog.create_table(name, rows.schema).append(rows)
`,
  )
  await runToEnd(String(python), [file], { timeoutMs: PYTHON_TIMEOUT_MS, env: { LAKESHORE_TOKEN: token } })
}
