import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
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
} from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES } from '@/testing/databases/install-postgres'
import { SILENT_LOG } from '@/testing/silent-log'
import { startSharedPostgres } from '@/testing/databases/test-postgres'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { openSqlite } from '../sqlite/open'
import { prepareFile } from '../sqlite/prepare-file'
import { COPIED_TABLES } from '../copied-tables'

const AUDIT_ROWS = 5_000
const POLL_INTERVAL_MS = 2

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

function start(home: string, ...args: string[]) {
  const env = { LAKESHORE_HOME: home, LAKESHORE_LOG_LEVEL: 'error', NODE_OPTIONS: '--max-old-space-size=96' }
  return startMain(cli, ['state', 'copy', ...args], env)
}

async function copy(home: string, ...args: string[]) {
  const { ended, out, said } = start(home, ...args)
  return { code: await ended, out, said: said.join('\n') }
}

const entry = `INSERT INTO audit (id, at_ms, actor_id, actor_name, action) VALUES ('next', 1, 'a', 'a', 'a')`
const lastNumber = rawQuery<{ seq: number }>('SELECT max(seq) AS seq FROM audit')

for (const age of POSTGRES_AGES) {
  const server = await installOrSkip('PostgreSQL', () => startSharedPostgres(age))
  const shared = server ?? { url: '' }

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
        const { home, file } = newHome(60_000)
        const { url } = await createDatabaseForTest(shared)
        const killed = start(home, '--to', url)
        const count = async () => {
          const [row] = await selectRows<{ count: number }>(url, 'SELECT count(*)::int AS count FROM audit').catch(
            () => [],
          )
          return row?.count ?? 0
        }
        while ((await count()) === 0 && killed.process.exitCode === null) await wait(POLL_INTERVAL_MS)
        expect(() => prepareFile(file, { budgetMs: 50 })).toThrow('locked')
        killed.process.kill('SIGKILL')
        expect(await killed.ended).toBe('SIGKILL')
        const begun = await count()
        expect(begun).toBeGreaterThan(0)
        expect(begun).toBeLessThan(60_000)
        const xmin = 'SELECT xmin::text FROM audit ORDER BY seq LIMIT 1'
        const first = await selectRows(url, xmin)
        expect(await captureErrorCode(openForTest(url))).toBe('database-unavailable')

        const again = await copy(home, '--to', url)
        expect(again).toMatchObject({ code: 0 })
        expect(await selectRows(url, xmin)).toEqual(first)
        expect(again.out.find((line) => line.startsWith('audit\t'))).toContain('\t60000\t')
        await openForTest(url)
      })

      test('back into a file resumes after it was killed, and the file is not opened until then', async () => {
        const { home } = newHome(60_000)
        const { url } = await createDatabaseForTest(shared)
        const there = await copy(home, '--to', url)
        expect(there.code).toBe(0)
        const back = newHome(null)
        const killed = start(back.home, '--from', url)
        // The file grows as rows arrive, and no other process can open it meanwhile.
        while (sizeOf(back.file) < 4 * 1024 * 1024 && killed.process.exitCode === null) await wait(POLL_INTERVAL_MS)
        killed.process.kill('SIGKILL')
        expect(await killed.ended).toBe('SIGKILL')
        expect(() => openSqlite(back.file, SILENT_LOG)).toThrow('not complete')
        expect(await copy(back.home, '--from', url)).toMatchObject({ code: 0, out: there.out })
      })

      test('is refused while a process has the file open, or a worker used it just now', async () => {
        const { home, file } = newHome(1)
        const { url } = await createDatabaseForTest(shared)
        const open = openSqlite(file, SILENT_LOG)
        await open.read(lastNumber)
        expect(await copy(home, '--to', url)).toMatchObject({ code: 1, said: expect.stringContaining('A process has') })
        await open.commit([rawChange('INSERT INTO workers (id, seen_at_ms) VALUES (?, ?)', ['w', Date.now()])])
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

function sizeOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, one) => sum + (statSync(one, { throwIfNoEntry: false })?.size ?? 0), 0)
}
