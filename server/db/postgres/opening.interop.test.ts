import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'
import {
  captureErrorCode,
  createDatabaseForTest,
  errorWith,
  insertNumberChanges,
  SELECT_ONE,
  openForTest,
  createPreparedDatabase,
  selectRows,
  SCHEMA,
  readStoredNumbers,
  connectExternalClient,
  UNTIL_SEEN,
} from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES } from '@/testing/databases/install-postgres'
import { startTcpProxy } from '@/testing/faults/tcp-proxy'
import { startSharedPostgres } from '@/testing/databases/test-postgres'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { type Migration, MIGRATIONS, migrationNames } from '../migrations'
import { prepareSchema } from './prepare'

const MIGRATION_LOCK = `hashtext('lakeshore migrations'), hashtext('${SCHEMA}')`

/** The tables of a PyIceberg from before views. */
const V0_TABLES = `
  CREATE TABLE iceberg_tables (
    catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,
    metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000),
    PRIMARY KEY (catalog_name, table_namespace, table_name));
  CREATE TABLE iceberg_namespace_properties (
    catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255) NOT NULL,
    property_value VARCHAR(1000) NOT NULL, PRIMARY KEY (catalog_name, namespace, property_key));
  INSERT INTO iceberg_tables VALUES ('lake', 'demo', 'b', 'file:///b', NULL), ('lake', 'demo', 'A', 'file:///A', NULL),
    ('lake', 'demo', 'ä', 'file:///ä', 'file:///before');
  INSERT INTO iceberg_namespace_properties VALUES ('lake', 'demo', 'exists', 'true')`

/** The migrations that were recorded, and in how many transactions. */
async function readMigrations(url: string): Promise<{ transactions: number; names: string[] }> {
  const [row] = await selectRows<{ transactions: number; names: string[] }>(
    url,
    `SELECT count(DISTINCT xmin::text)::int AS transactions, array_agg(name ORDER BY name) AS names
     FROM lakeshore_migrations`,
  )
  return row ?? { transactions: 0, names: [] }
}

const MIGRATED_ONCE = { transactions: 1, names: migrationNames().toSorted() }

function migration(name: string, statement: string): Migration {
  return { name, sqlite: [], postgres: [statement] }
}

/** Prepares the schema as a version with these migrations does. */
async function prepareAs(migrations: readonly Migration[], url: string): Promise<void> {
  const client = new Client({ connectionString: url, options: `-c search_path=${SCHEMA}` })
  await client.connect()
  try {
    await prepareSchema(client, SCHEMA, migrations)
  } finally {
    // A pool would not wait for it, and the server ends it with an error when the database is dropped.
    await client.end()
  }
}

/** The connections that Lakeshore has to this database. */
async function countConnections(url: string): Promise<number> {
  const [row] = await selectRows<{ count: number }>(
    url,
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'lakeshore'`,
  )
  return row?.count ?? 0
}

for (const age of POSTGRES_AGES) {
  const server = await installOrSkip('PostgreSQL', () => startSharedPostgres(age))

  describe.skipIf(server === null)(
    `An empty database of the ${age} PostgreSQL (skipped if it is not available)`,
    () => {
      const shared = server ?? { url: '' }
      let folder: string
      let program: string

      beforeAll(async () => {
        folder = mkdtempSync(path.join(tmpdir(), 'opening-'))
        program = await bundleProgram(
          `import { SILENT_LOG } from '@/testing/silent-log'
         import { openPostgres } from '@/server/db/postgres/open'
         import { rawQuery } from '@/testing/databases/test-sql'
         const [, , url, schema] = process.argv
         async function main() {
           const settings = { url, schema, poolSize: 5, statementTimeoutMs: 60_000 }
           const times = { readBudgetMs: 120_000, connectTimeoutMs: 60_000 }
           const database = await openPostgres(settings, SILENT_LOG, times)
           await Promise.all([1, 2, 3].map(() => database.read(rawQuery('SELECT 1 AS one'))))
           console.log('opened')
           await database.close()
         }
         void main()`,
          folder,
        )
      })
      afterAll(() => rmSync(folder, { recursive: true, force: true }))

      test.each([2, 8])('that is opened %i times at once is migrated once', async (count) => {
        const { url } = await createDatabaseForTest(shared)
        const databases = await Promise.all(Array.from({ length: count }, () => openForTest(url)))
        for (const database of databases) expect(await database.read(SELECT_ONE)).toEqual([{ one: 1 }])
        expect(await readMigrations(url)).toEqual(MIGRATED_ONCE)
      })

      test.each([2, 8])(
        'that is opened by %i processes at once is migrated once, and each ends by itself',
        async (count) => {
          const { url } = await createDatabaseForTest(shared)
          const programs = Array.from({ length: count }, () =>
            startProgram({ homeDir: folder }, program, [url, SCHEMA]),
          )
          expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual(programs.map(() => 0))
          expect(programs.map(({ lines }) => lines)).toEqual(programs.map(() => ['opened']))
          expect(await readMigrations(url)).toEqual(MIGRATED_ONCE)
        },
      )

      test('whose migration is cut off is migrated once the connection is back', async () => {
        const { url } = await createDatabaseForTest(shared)
        const proxy = await startTcpProxy({ port: Number(new URL(url).port) })
        onTestFinished(proxy.close)
        const texts = [
          'CREATE TABLE audit',
          'CREATE TABLE connection_credentials',
          'COMMIT\0',
          'clock_timestamp() * 1000)',
        ]
        for (const text of texts) void proxy.cutBeforeForwarding(text)
        void proxy.cutAfterClientSends('ORDER BY seq DESC')
        const database = await openForTest(proxy.proxiedUrl(url))
        expect(await database.read(SELECT_ONE)).toEqual([{ one: 1 }])
        expect(await readMigrations(url)).toEqual(MIGRATED_ONCE)
      })

      test('that another process has locked is not opened, and the error says why', async () => {
        const { url } = await createDatabaseForTest(shared)
        const other = await connectExternalClient(url)
        await other.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`)
        await expect(openForTest(url, { statementTimeoutMs: 300 })).rejects.toEqual(
          errorWith('database-unavailable', /Another process is changing the tables/),
        )
        await expect.poll(() => countConnections(url), UNTIL_SEEN).toBe(0)
        await other.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`)
        expect(await (await openForTest(url)).read(SELECT_ONE)).toEqual([{ one: 1 }])
      })

      test('is opened only once a lock on its tables is gone', async () => {
        const { url } = await createPreparedDatabase(shared)
        const other = await connectExternalClient(url)
        await other.query('BEGIN; LOCK TABLE lakeshore_migrations')
        const shortBudget = { statementTimeoutMs: 300, times: { readBudgetMs: 1_000 } }
        // On a slow machine the server may end the connection before the statement, and the error says that.
        const refusal = errorWith('database-unavailable', /could not be opened: canceling statement/)
        await vi.waitFor(() => expect(openForTest(url, shortBudget)).rejects.toEqual(refusal), UNTIL_SEEN)
        setTimeout(() => void other.query('ROLLBACK'), 1_000)
        expect(await (await openForTest(url, { statementTimeoutMs: 300 })).read(SELECT_ONE)).toEqual([{ one: 1 }])
      })

      test('that a newer version of Lakeshore changed is not opened, and nothing is changed', async () => {
        const { url } = await createPreparedDatabase(shared)
        await selectRows(url, `INSERT INTO lakeshore_migrations VALUES ('of-the-future', 1)`)
        await expect(openForTest(url)).rejects.toEqual(
          errorWith('database-unavailable', /newer version of Lakeshore.*\(of-the-future\).*Nothing was changed/),
        )
      })

      test('that a build from before the baseline created is not opened, and the error says how to keep its tables', async () => {
        const { url } = await createPreparedDatabase(shared)
        await selectRows(url, `DELETE FROM lakeshore_migrations WHERE name <> 'baseline'`)
        await selectRows(url, `UPDATE lakeshore_migrations SET name = 'audit'`)
        await expect(openForTest(url)).rejects.toEqual(
          errorWith('database-unavailable', /before 0\.1\.0 .*Nothing was changed\. .*FROM iceberg_tables/),
        )
        expect(await readMigrations(url)).toEqual({ transactions: 1, names: ['audit'] })
      })

      test('gets the migrations of a later version, once, completely or not at all', async () => {
        const { url } = await createPreparedDatabase(shared)
        const first = migration('notes', "ALTER TABLE users ADD COLUMN note TEXT DEFAULT 'none'")
        const failing = migration('failing', 'UPDATE missing SET note = 1')
        const names = async () => (await readMigrations(url)).names
        await expect(prepareAs([...MIGRATIONS, first, failing], url)).rejects.toThrow('missing')
        expect(await names()).toEqual(migrationNames().toSorted())
        for (let times = 0; times < 2; times += 1) {
          await prepareAs([...MIGRATIONS, first], url)
          expect(await names()).toEqual([...migrationNames(), 'notes'].toSorted())
        }
        expect(await selectRows(url, 'SELECT note FROM users')).toEqual([])
        await expect(prepareAs(MIGRATIONS, url)).rejects.toThrow(/newer version of Lakeshore.*\(notes\)/)
      })

      test('with catalog tables of another program keeps their rows, and adds what they lack', async () => {
        const { url } = await createDatabaseForTest(shared)
        await selectRows(url, `CREATE SCHEMA ${SCHEMA}`)
        await selectRows(url, V0_TABLES)
        const database = await openForTest(url)
        const tables = rawQuery(
          'SELECT table_name, metadata_location, iceberg_type FROM iceberg_tables ORDER BY metadata_location COLLATE "C"',
        )
        expect(await database.read(tables)).toEqual(
          ['A', 'b', 'ä'].map((name) => ({
            table_name: name,
            metadata_location: `file:///${name}`,
            iceberg_type: null,
          })),
        )
        const properties = rawQuery('SELECT namespace, property_value FROM iceberg_namespace_properties')
        expect(await database.read(properties)).toEqual([{ namespace: 'demo', property_value: 'true' }])
        const indexes = await selectRows<{ indexdef: string }>(
          url,
          `SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'lakeshore_%' AND tablename LIKE 'iceberg_%'`,
        )
        expect(indexes).toHaveLength(3)
        for (const { indexdef } of indexes) expect(indexdef).toContain('COLLATE "C"')
        expect(await captureErrorCode(openForTest(url))).toBe('done')
      })

      test('with such tables of another user is not opened, and the error names the user', async () => {
        const { url, name } = await createDatabaseForTest(shared)
        await selectRows(url, `CREATE SCHEMA ${SCHEMA}`)
        await selectRows(Object.assign(new URL(shared.url), { pathname: name }).href, V0_TABLES)
        await expect(openForTest(url)).rejects.toEqual(
          errorWith('database-unavailable', /could not be opened: must be owner of table iceberg_tables/),
        )
        expect(await selectRows(url, `SELECT 1 FROM pg_tables WHERE tablename = 'audit'`)).toEqual([])
      })

      test('needs no permission to create schemas when the schema exists', async () => {
        const { url, name } = await createDatabaseForTest(shared)
        const superuser = Object.assign(new URL(shared.url), { pathname: name }).href
        await selectRows(superuser, `ALTER DATABASE ${name} OWNER TO postgres`)
        await expect(openForTest(url)).rejects.toEqual(
          errorWith('database-unavailable', /permission denied for database/),
        )
        await selectRows(superuser, `CREATE SCHEMA ${SCHEMA} AUTHORIZATION ${name}`)
        expect(await captureErrorCode(openForTest(url))).toBe('done')
      })

      test.each([-1, 1])('uses the server’s clock, although this machine’s is off by %i hours', async (hours) => {
        vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3_600_000 })
        onTestFinished(() => void vi.useRealTimers())
        const { url } = await createDatabaseForTest(shared)
        const database = await openForTest(url)
        const [row] = await selectRows<{ ms: string }>(
          url,
          'SELECT (extract(epoch FROM clock_timestamp()) * 1000) AS ms',
        )
        expect(Math.abs(database.nowMs() - Number(row?.ms))).toBeLessThan(60_000)
        expect(Math.abs(database.nowMs() - Date.now())).toBeGreaterThan(3_500_000)
      })

      test('that is closed has no connection left, and accepts neither reads nor changes', async () => {
        const { url } = await createPreparedDatabase(shared)
        const database = await openForTest(url)
        await Promise.all([1, 2, 3].map((number) => database.commit(insertNumberChanges(number))))
        expect(await countConnections(url)).toBeGreaterThan(0)
        await database.close()
        await expect.poll(() => countConnections(url), UNTIL_SEEN).toBe(0)
        await expect(database.read(SELECT_ONE)).rejects.toEqual(errorWith('database-unavailable', /is closed/))
        await expect(database.commit(insertNumberChanges(4))).rejects.toEqual(
          errorWith('database-unavailable', /is closed/),
        )
        await database.close()
      })

      test('that is closed finishes pending work first', async () => {
        const { url } = await createPreparedDatabase(shared)
        const database = await openForTest(url, { poolSize: 2 })
        const slow = rawChange('SELECT pg_sleep(0.5)')
        const working = [1, 2, 3, 4].map((number) => database.commit([...insertNumberChanges(number), slow]))
        const reading = database.read(rawQuery('SELECT pg_sleep(0.5)::text AS slept'))
        await database.close()
        expect(await Promise.all(working)).toEqual(working.map(() => [1, 1, 1]))
        expect(await reading).toEqual([{ slept: '' }])
        expect(await readStoredNumbers(url)).toEqual([1, 2, 3, 4])
      })

      test('that is closed while its server does not answer closes anyway', async () => {
        const { url } = await createPreparedDatabase(shared)
        const proxy = await startTcpProxy({ port: Number(new URL(url).port) })
        onTestFinished(proxy.close)
        const database = await openForTest(proxy.proxiedUrl(url))
        await Promise.all([1, 2, 3].map(() => database.read(SELECT_ONE)))
        proxy.stall()
        const startMs = performance.now()
        await database.close()
        expect(performance.now() - startMs).toBeLessThan(60_000)
      })
    },
  )
}
