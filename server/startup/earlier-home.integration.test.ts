import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { newAuditId } from '@/server/db/audit'
import { registerTable } from '@/server/changes/actions/register-table'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { createServicesAt } from '@/testing/homes/test-home'
import { startMain } from '@/testing/processes/main-process'

/** As docs/operations.md has it. */
const LIST_TABLES = `SELECT table_namespace, table_name, metadata_location FROM iceberg_tables
  WHERE iceberg_type IS NULL OR iceberg_type = 'TABLE'`
const SCHEMA = { type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const REFUSAL = /from before 0\.1\.0 created this database.*Nothing was changed\..*new home.*register.*metadata file/

const [cli, worker] = ['build/cli.mjs', 'build/worker.mjs']
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-earlier-'))
  const { code, said } = await load('home', [1, 2, 3], ['--create-schema', at('schema.json')])
  if (code !== 0) throw new Error(said)
  replaceDatabase()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => path.join(folder, name)
const settingsOf = (home: string): Record<string, string> => ({
  LAKESHORE_HOME: at(home),
  LAKESHORE_LOG_LEVEL: 'error',
  ...(home !== 'home' && { LAKESHORE_WAREHOUSE: at('home/warehouse') }),
})

async function run(program: string, home: string, ...args: string[]) {
  const child = startMain(program, args, settingsOf(home))
  const code = await child.ended
  return { code, out: child.out.join('\n'), said: child.said.join('\n') }
}

function load(home: string, ids: readonly number[], more: readonly string[] = []) {
  writeFileSync(at('schema.json'), JSON.stringify(SCHEMA))
  writeFileSync(at('rows.csv'), ['id', ...ids].join('\n'))
  return run(cli, home, 'ingest', '--table', 'ns.trips', '--file', at('rows.csv'), ...more)
}

/** The database of the home becomes one of a build that had a list of migrations and no baseline. */
function replaceDatabase(): void {
  renameSync(at('home/lakeshore.db'), at('written.db'))
  const database = new DatabaseSync(at('home/lakeshore.db'))
  database.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE iceberg_tables (catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL,
      table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000),
      iceberg_type VARCHAR(5), PRIMARY KEY (catalog_name, table_namespace, table_name));
    CREATE TABLE iceberg_namespace_properties (catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL,
      property_key VARCHAR(255), property_value VARCHAR(1000), PRIMARY KEY (catalog_name, namespace, property_key));
    CREATE TABLE lakeshore_migrations (name TEXT NOT NULL PRIMARY KEY, applied_at_ms INTEGER NOT NULL) STRICT;
    INSERT INTO lakeshore_migrations VALUES ('audit', 1), ('idempotency', 2), ('users', 3);
    ATTACH '${at('written.db')}' AS written;
    INSERT INTO iceberg_tables SELECT * FROM written.iceberg_tables;
    INSERT INTO iceberg_namespace_properties SELECT * FROM written.iceberg_namespace_properties`)
  database.close()
}

function readEarlier(sql: string) {
  const database = new DatabaseSync(at('home/lakeshore.db'), { readOnly: true })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

describe('A home of a build from before the baseline', () => {
  it('is refused by the worker and every verb of the command line, and not changed', async () => {
    const read = () =>
      ['lakeshore_migrations', 'iceberg_tables', 'sqlite_schema'].map((table) => readEarlier(`SELECT * FROM ${table}`))
    const before = read()
    const verbs = [
      ['init'],
      ['init', '--accept-warehouse'],
      ['jobs', 'list'],
      ['user', 'list'],
      ['table', 'export', 'ns.trips'],
      ['backup', '--to', at('backup')],
    ]
    for (const verb of verbs)
      expect(await run(cli, 'home', ...verb), verb.join(' ')).toMatchObject({
        code: 1,
        out: '',
        said: expect.stringMatching(REFUSAL),
      })
    expect(await run(worker, 'home')).toMatchObject({ code: 1, said: expect.stringMatching(REFUSAL) })
    expect(read()).toEqual(before)
  })

  it('is refused by the services of a web server', async () => {
    const services = createServicesAt(at('home'))
    onTestFinished(() => services.database.close())
    await expect((await openTestCatalog(services)).listTables(['ns'])).rejects.toMatchObject({
      code: 'database-unavailable',
      message: expect.stringMatching(REFUSAL),
    })
  })

  it('gives its tables to a new home, which registers their current metadata files', async () => {
    const listed = readEarlier(LIST_TABLES)
    expect(listed).toMatchObject([{ table_namespace: 'ns', table_name: 'trips' }])
    expect(await run(cli, 'new', 'init')).toMatchObject({
      code: 1,
      said: expect.stringContaining('--accept-warehouse'),
    })
    expect(await run(cli, 'new', 'init', '--accept-warehouse')).toMatchObject({ code: 0 })

    const services = createServicesAt(at('new'), settingsOf('new'))
    onTestFinished(() => services.database.close())
    const catalog = await openTestCatalog(services)
    await catalog.write({ kind: 'create-namespace', namespace: ['ns'], properties: {} })
    const context = { actor: TEST_ACTOR, signal: new AbortController().signal, requestId: null }
    for (const row of listed) {
      const metadataLocation = String(row['metadata_location'])
      const identifier = { catalog: catalog.name, namespace: ['ns'], table: String(row['table_name']) }
      await registerTable(services, identifier, { metadataLocation }, { ...context, idempotencyKey: newAuditId() })
      expect(await catalog.loadTable(identifier)).toMatchObject({ metadataLocation })
    }
    const trips = { catalog: catalog.name, namespace: ['ns'], table: 'trips' }
    expect(await readTableRows(await catalog.loadTable(trips))).toHaveLength(3)

    expect(await load('new', [4, 5])).toMatchObject({ code: 0 })
    const table = await catalog.loadTable(trips)
    expect(table.metadata.snapshots).toHaveLength(2)
    expect(await readTableRows(table)).toHaveLength(5)
    expect(readEarlier(LIST_TABLES)).toEqual(listed)
  })
})
