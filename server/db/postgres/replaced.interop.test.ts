import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { runToEnd } from '@/testing/processes/run-to-end'
import { ensurePostgresClient } from '@/testing/databases/postgres-client'
import {
  captureErrorCode,
  errorWith,
  insertNumberChanges,
  SELECT_ONE,
  openForTest,
  createPreparedDatabase,
  selectRows,
  SCHEMA,
  readStoredNumbers,
} from '@/testing/databases/postgres-faults'
import { POSTGRES_AGES } from '@/testing/databases/install-postgres'
import { startTcpProxy } from '@/testing/faults/tcp-proxy'
import { startSharedPostgres } from '@/testing/databases/test-postgres'

const TIMES = { timeoutMs: 120_000 }

/** Makes the database older, which only a superuser can do. */
async function forgetNewestEntries(server: { url: string }, name: string, count: number): Promise<void> {
  const url = Object.assign(new URL(server.url), { pathname: name }).href
  await selectRows(
    url,
    `SET session_replication_role = replica;
     DELETE FROM audit WHERE seq IN (SELECT seq FROM audit ORDER BY seq DESC LIMIT ${count})`,
  )
}

for (const age of POSTGRES_AGES) {
  const server = await installOrSkip('PostgreSQL', () => startSharedPostgres(age))

  describe.skipIf(server === null)(`A database of the ${age} PostgreSQL (skipped if it is not available)`, () => {
    const shared = server ?? { url: '' }

    test('that lost its newest audit entry accepts no more changes until it is opened again', async () => {
      const { url, name } = await createPreparedDatabase(shared)
      const database = await openForTest(url)
      for (const number of [1, 2, 3]) await database.commit(insertNumberChanges(number))
      await forgetNewestEntries(shared, name, 1)
      await expect(database.commit(insertNumberChanges(4))).rejects.toEqual(
        errorWith('database-replaced', /was replaced by an older one.*Nothing was written.*entry 3/),
      )
      expect(await readStoredNumbers(url)).toEqual([1, 2, 3])
      expect(await database.read(SELECT_ONE)).toEqual([{ one: 1 }])
      // Another process keeps writing, so that the audit gets longer than it ever was.
      const another = await openForTest(url)
      for (const number of [5, 6, 7]) await another.commit(insertNumberChanges(number))
      expect(await captureErrorCode(database.commit(insertNumberChanges(8)))).toBe('database-replaced')
      expect(await readStoredNumbers(url)).toEqual([1, 2, 3, 5, 6, 7])
      await database.close()
      expect(await captureErrorCode((await openForTest(url)).commit(insertNumberChanges(8)))).toBe('done')
    })

    test('that lost entries is detected by a process that wrote none of them', async () => {
      const { url, name } = await createPreparedDatabase(shared)
      const writer = await openForTest(url)
      await writer.commit(insertNumberChanges(1))
      const database = await openForTest(url)
      await forgetNewestEntries(shared, name, 1)
      expect(await captureErrorCode(database.commit(insertNumberChanges(2)))).toBe('database-replaced')
      expect(await readStoredNumbers(url)).toEqual([1])
    })

    test('that lost entries is detected even after others have written new ones', async () => {
      const { url, name } = await createPreparedDatabase(shared)
      const database = await openForTest(url)
      for (const number of [1, 2]) await database.commit(insertNumberChanges(number))
      await forgetNewestEntries(shared, name, 1)
      await selectRows(
        url,
        `SELECT setval(pg_get_serial_sequence('audit', 'seq'), 1);
         INSERT INTO audit (id, at_ms, actor_id, actor_name, action) VALUES ('another''s', 1, 'x', 'x', 'x')`,
      )
      expect(await captureErrorCode(database.commit(insertNumberChanges(3)))).toBe('database-replaced')
    })

    test('whose last commit had to be looked up is not mistaken for an older one', async () => {
      const { url } = await createPreparedDatabase(shared)
      const proxy = await startTcpProxy({ port: Number(new URL(url).port) })
      onTestFinished(proxy.close)
      const database = await openForTest(proxy.proxiedUrl(url))
      void proxy.cutAfterClientSends('COMMIT\0')
      await database.commit(insertNumberChanges(1))
      void proxy.cutBeforeForwarding('COMMIT\0')
      await database.commit(insertNumberChanges(2))
      await Promise.all([3, 4, 5, 6, 7, 8].map((number) => database.commit(insertNumberChanges(number))))
      expect(await captureErrorCode(database.commit(insertNumberChanges(9)))).toBe('done')
    })
  })

  // Few machines have a client that can dump the newest server.
  if (age !== 'oldest') continue
  const dumping = server && (await installOrSkip('A PostgreSQL client', () => ensurePostgresClient(server.version)))

  describe.skipIf(dumping === null)(`A dump of the ${age} PostgreSQL (skipped if pg_dump is not available)`, () => {
    test('that is restored while Lakeshore runs is detected at the next change, which is refused', async () => {
      if (!server || !dumping) return
      const { url } = await createPreparedDatabase(server)
      const folder = mkdtempSync(path.join(tmpdir(), 'dumped-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      const file = path.join(folder, 'dump')
      const database = await openForTest(url)
      await database.commit(insertNumberChanges(1))
      await runToEnd(dumping.pgDump, ['--format=custom', `--schema=${SCHEMA}`, `--file=${file}`, url], TIMES)
      await database.commit(insertNumberChanges(2))
      await selectRows(url, `DROP SCHEMA ${SCHEMA} CASCADE`)
      await runToEnd(dumping.pgRestore, ['--no-owner', '--exit-on-error', `--dbname=${url}`, file], TIMES)
      expect(await captureErrorCode(database.commit(insertNumberChanges(3)))).toBe('database-replaced')
      expect(await readStoredNumbers(url)).toEqual([1])
      await database.close()
      const reopened = await openForTest(url)
      await reopened.commit(insertNumberChanges(3))
      expect(await readStoredNumbers(url)).toEqual([1, 3])
    })
  })
}
