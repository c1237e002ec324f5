import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { fillDatabase, readAllRows } from '@/testing/conformance/database/fill-database'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { bundleMain, startMain } from '@/testing/processes/main-process'
import {
  captureErrorCode,
  createDatabaseForTest,
  openForTest,
  selectRows,
  SCHEMA,
  connectExternalClient,
  UNTIL_SEEN,
} from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES } from '@/testing/databases/install-postgres'
import { SILENT_LOG } from '@/testing/silent-log'
import { startSharedPostgres } from '@/testing/databases/test-postgres'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { openSqlite } from '../sqlite/open'
import { prepareFile } from '../sqlite/prepare-file'
import { COPIED_TABLES } from '../copied-tables'

const AUDIT_ROWS = 5_000
const POLL_INTERVAL_MS = 20
/** Sixty batches, in a program with little memory. */
const MANY_ROWS = 60_000
/** Twelve batches. */
const FEW_ROWS = 12_000
/** Ends the program at the 6,000th row that it writes into a file. */
const KILLED_AT_ROW = `--import=data:text/javascript,${encodeURIComponent(`
  import { StatementSync } from 'node:sqlite'
  const { run } = StatementSync.prototype
  let rows = 0
  StatementSync.prototype.run = function (...values) {
    rows += 1
    if (rows === 6000) process.kill(process.pid, 'SIGKILL')
    return run.apply(this, values)
  }`)}`

let cli = ''
beforeAll(async () => {
  cli = await bundleMain('cli', 'cli-that-copies-state')
})
afterAll(() => rmSync(cli, { force: true }))

/** A home without a database, or with a filled one. */
function newHome(auditRows: number | null): { home: string; file: string } {
  const home = mkdtempSync(path.join(tmpdir(), 'lakeshore-copied-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const file = path.join(home, 'lakeshore.db')
  if (auditRows !== null) fillDatabase(file, auditRows)
  return { home, file }
}

function start(home: string, args: string[], nodeOption = '') {
  const options = `--max-old-space-size=96 ${nodeOption}`
  const env = { LAKESHORE_HOME: home, LAKESHORE_LOG_LEVEL: 'error', NODE_OPTIONS: options }
  return startMain(cli, ['state', 'copy', ...args], env)
}

async function copy(home: string, ...args: string[]) {
  const { ended, out, said } = start(home, args)
  return { code: await ended, out, said: said.join('\n') }
}

/** Lets copies insert one batch into the audit: the next one waits as long as the returned client is connected. */
async function holdSecondBatch(url: string): Promise<Client> {
  await (await openForTest(url)).close() // creates the tables
  await selectRows(
    url,
    `CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF EXISTS (SELECT 1 FROM audit) THEN PERFORM pg_advisory_xact_lock(77); END IF; RETURN NULL; END $$;
     CREATE TRIGGER holds BEFORE INSERT ON audit FOR EACH STATEMENT EXECUTE FUNCTION hold()`,
  )
  const holder = await connectExternalClient(url)
  await holder.query('SELECT pg_advisory_lock(77)')
  return holder
}

/**
 * Ends the sessions of copies that were killed, which keep other copies out. The server may notice the end of a program
 * late, and in a session that waits for a lock not at all.
 */
async function endCopies(client: Client): Promise<void> {
  const copies = `FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'lakeshore state copy'`
  await client.query(`SELECT pg_terminate_backend(pid) ${copies}`)
  await expect.poll(async () => (await client.query(`SELECT 1 ${copies}`)).rowCount, UNTIL_SEEN).toBe(0)
}

const entry = `INSERT INTO audit (id, at_ms, actor_id, actor_name, action) VALUES ('next', 1, 'a', 'a', 'a')`
const lastNumber = rawQuery<{ seq: number }>('SELECT max(seq) AS seq FROM audit')

for (const age of POSTGRES_AGES) {
  const server = await installOrSkip('PostgreSQL', () => startSharedPostgres(age))
  const shared = server ?? { url: '' }
  // The memory of a copy does not depend on the version of the server.
  const auditRows = age === 'newest' ? MANY_ROWS : FEW_ROWS

  describe.skipIf(server === null)(
    `A copy of the state, with the ${age} PostgreSQL (skipped if it is not available)`,
    () => {
      test('into PostgreSQL and back has every row of every table unchanged, and the audit continues after its last entry', async () => {
        const [one, two] = [newHome(AUDIT_ROWS), newHome(null)]
        const { url } = await createDatabaseForTest(shared)
        const there = await copy(one.home, '--to', url)
        expect(there).toMatchObject({
          code: 0,
          said: expect.stringContaining(`All ${COPIED_TABLES.length + 1} tables are identical in both databases`),
        })
        expect(there.out).toHaveLength(COPIED_TABLES.length + 1)
        expect(there.out.every((line) => /^\w+\t[1-9]\d*\t[0-9a-f]{64}$/.test(line))).toBe(true)
        const back = await copy(two.home, '--from', url)
        expect(back).toMatchObject({ code: 0, out: there.out })
        expect(readAllRows(two.file)).toEqual(readAllRows(one.file))

        const postgres = await openForTest(url)
        await postgres.commit([rawChange(entry)])
        expect(await postgres.read(lastNumber)).toEqual([{ seq: AUDIT_ROWS * 3 + 1 }])
        const sqlite = openSqlite(two.file, SILENT_LOG)
        await sqlite.commit([rawChange(entry)])
        expect(await sqlite.read(lastNumber)).toEqual([{ seq: AUDIT_ROWS * 3 + 1 }])
        await sqlite.close()
      })

      test('that is killed halfway resumes where it stopped; until then nothing else opens its target', async () => {
        const { home, file } = newHome(auditRows)
        const { url } = await createDatabaseForTest(shared)
        const holder = await holdSecondBatch(url)
        const killed = start(home, ['--to', url])
        const count = async () => {
          const [row] = await selectRows<{ count: number }>(url, 'SELECT count(*)::int AS count FROM audit')
          return row?.count ?? 0
        }
        while ((await count()) === 0 && killed.process.exitCode === null) await wait(POLL_INTERVAL_MS)
        expect(() => prepareFile(file, { budgetMs: 50 })).toThrow('locked')
        killed.process.kill('SIGKILL')
        expect(await killed.ended).toBe('SIGKILL')
        await endCopies(holder)
        const begun = await count()
        expect(begun).toBeGreaterThan(0)
        expect(begun).toBeLessThan(auditRows)
        const xmin = 'SELECT xmin::text FROM audit ORDER BY seq LIMIT 1'
        const first = await selectRows(url, xmin)
        expect(await captureErrorCode(openForTest(url))).toBe('database-unavailable')

        await selectRows(url, 'DROP TRIGGER holds ON audit')
        const again = await copy(home, '--to', url)
        expect(again).toMatchObject({ code: 0 })
        expect(await selectRows(url, xmin)).toEqual(first)
        expect(again.out.find((line) => line.startsWith('audit\t'))).toContain(`\t${auditRows}\t`)
        await openForTest(url)
      })

      test('back into a file resumes after it was killed, and the file is not opened until then', async () => {
        const { home } = newHome(auditRows)
        const { url } = await createDatabaseForTest(shared)
        const there = await copy(home, '--to', url)
        expect(there.code).toBe(0)
        const back = newHome(null)
        expect(await start(back.home, ['--from', url], KILLED_AT_ROW).ended).toBe('SIGKILL')
        await endCopies(await connectExternalClient(url))
        expect(() => openSqlite(back.file, SILENT_LOG)).toThrow('not complete')
        expect(await copy(back.home, '--from', url)).toMatchObject({ code: 0, out: there.out })
      })

      test('is refused while a process has the file open, or a worker used it just now', async () => {
        const { home, file } = newHome(1)
        const { url } = await createDatabaseForTest(shared)
        const open = openSqlite(file, SILENT_LOG)
        await open.read(lastNumber)
        expect(await copy(home, '--to', url)).toMatchObject({ code: 1, said: expect.stringContaining('A process has') })
        // Workers that were last seen at every moment until long after the copy has read their times.
        const seen = Array.from({ length: 20 }, (_, i) => [`w${i}`, Date.now() + i * 15_000])
        await open.commit(seen.map((row) => rawChange('INSERT INTO workers (id, seen_at_ms) VALUES (?, ?)', row)))
        await open.close()
        expect(await copy(home, '--to', url)).toMatchObject({ code: 1, said: expect.stringContaining('A worker used') })
        expect(await selectRows(url, "SELECT 1 FROM pg_namespace WHERE nspname = 'lakeshore'")).toEqual([])
      })

      test('is refused while Lakeshore is connected, and keeps Lakeshore from starting', async () => {
        const { home } = newHome(1)
        const { url } = await createDatabaseForTest(shared)
        const database = await openForTest(url)
        await database.read(lastNumber)
        expect(await copy(home, '--to', url)).toMatchObject({ code: 1, said: expect.stringContaining('Lakeshore has') })
        const back = newHome(null)
        expect(await copy(back.home, '--from', url)).toMatchObject({ code: 1 })
        expect(existsSync(back.file)).toBe(false)
        await database.close()

        const holder = await connectExternalClient(url)
        await holder.query("SELECT pg_advisory_lock(hashtext('lakeshore migrations'), hashtext($1))", [SCHEMA])
        expect(await copy(home, '--to', url)).toMatchObject({
          code: 1,
          said: expect.stringContaining('Another process'),
        })
      })

      test('is refused into a database that has rows, and into one with another unfinished copy', async () => {
        const { home } = newHome(1)
        const { url } = await createDatabaseForTest(shared)
        const database = await openForTest(url)
        await database.commit([rawChange(entry)])
        await database.close()
        expect(await copy(home, '--to', url)).toMatchObject({
          code: 1,
          said: expect.stringMatching(/audit has rows.*Nothing/s),
        })
        const back = newHome(1)
        expect(await copy(back.home, '--from', url)).toMatchObject({ code: 1, said: expect.stringContaining('in use') })

        const { url: other } = await createDatabaseForTest(shared)
        await (await openForTest(other)).close()
        await selectRows(other, "INSERT INTO lakeshore_migrations VALUES ('copy-under-way of another', 1)")
        expect(await copy(home, '--to', other)).toMatchObject({
          code: 1,
          said: expect.stringContaining('has an unfinished copy'),
        })
      })

      test('lists what PostgreSQL cannot store, with table, key and column, and does nothing', async () => {
        const { home, file } = newHome(1)
        const { url } = await createDatabaseForTest(shared)
        const database = new DatabaseSync(file)
        database.exec(`
        INSERT INTO iceberg_tables VALUES ('local', 'ns', '${'n'.repeat(256)}', 'file:///a', NULL, 'TABLE');
        INSERT INTO iceberg_tables VALUES ('local', 'ns', 'long', '${'\u{1F600}'.repeat(1000)}', '${'l'.repeat(1001)}', 'TABLE');
        INSERT INTO iceberg_namespace_properties VALUES ('local', 'ns', 'bytes', x'FFFE');
        INSERT INTO iceberg_namespace_properties VALUES ('local', 'ns', 'latin', CAST(x'E4' AS TEXT));
        INSERT INTO iceberg_namespace_properties VALUES ('local', 'ns', NULL, 'v');
        INSERT INTO audit (id, at_ms, actor_id, actor_name, action, after) VALUES ('nul', 1, 'a', 'a', 'a', 'a' || char(0) || 'b')`)
        database.close()
        const { code, said } = await copy(home, '--to', url)
        expect(code).toBe(1)
        expect(said.split('\n').filter((line) => line.startsWith('  '))).toEqual([
          '  iceberg_tables ("local", "ns", "long"): previous_metadata_location has 1001 characters, and 1000 fit',
          `  iceberg_tables ("local", "ns", "${'n'.repeat(256)}"): table_name has 256 characters, and 255 fit`,
          '  iceberg_namespace_properties ("local", "ns", null): property_key has no value, which a key needs',
          '  iceberg_namespace_properties ("local", "ns", "bytes"): property_value has bytes instead of text',
          '  iceberg_namespace_properties ("local", "ns", "latin"): property_value contains bytes that are not UTF-8',
          '  audit (4): after contains the character NUL',
        ])
        expect(await selectRows(url, "SELECT 1 FROM pg_namespace WHERE nspname = 'lakeshore'")).toEqual([])
      })

      test('says which table differs', async () => {
        const { home } = newHome(1)
        const { url } = await createDatabaseForTest(shared)
        await (await openForTest(url)).close()
        await selectRows(
          url,
          `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN NEW.title = NEW.title || ' '; RETURN NEW; END $$;
        CREATE TRIGGER spoils BEFORE INSERT ON schedules FOR EACH ROW EXECUTE FUNCTION spoil()`,
        )
        expect(await copy(home, '--to', url)).toMatchObject({
          code: 1,
          said: expect.stringMatching(/table schedules differs/),
        })
        expect(await captureErrorCode(openForTest(url))).toBe('database-unavailable')
      })
    },
  )
}
