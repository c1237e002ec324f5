import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseEnv } from 'node:util'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensurePostgresClient } from '@/testing/databases/postgres-client'
import { fillIn, readRecipe } from '@/testing/project/read-recipe'
import { createTestDatabase, startSharedPostgres, type TestDatabase } from '@/testing/databases/test-postgres'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { runToEnd } from '@/testing/processes/run-to-end'
import { snapshotChain, TableWriter } from './table-writer'

/**
 * One lake through the recipes of docs/operations.md: started on SQLite, moved to PostgreSQL, backed up there, lost,
 * and restored. The tests run the built product.
 */

const TIMEOUT_MS = 300_000
const WRITERS = 8
const POOL_SIZE = 2
const WEB_PROCESSES = 2

/** The oldest supported server: the pg_dump of most machines can dump it. */
const server = await installOrSkip('PostgreSQL', () => startSharedPostgres('oldest'))
const client = server && (await installOrSkip('A client of PostgreSQL', () => ensurePostgresClient(server.version)))

describe.skipIf(client === null)('A lake (skipped without a PostgreSQL and a pg_dump that can dump it)', () => {
  let folder: string
  let lakeshore: Lakeshore | null = null
  let password = ''
  let token = ''
  let [first, second]: TestDatabase[] = []
  /** The settings of the recipe, for the processes that share the database. */
  let shared: Record<string, string> = {}
  let committed: number[] = []
  let nextNumber = 1
  const pathInFolder = (name: string) => path.join(folder, name)
  const databaseUrlOf = (database: TestDatabase | undefined) => database?.url ?? ''

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-state-'))
    first = await createTestDatabase(server ?? { url: '' })
    second = await createTestDatabase(server ?? { url: '' })
  })
  afterAll(async () => {
    await lakeshore?.stop()
    for (const database of [first, second]) await database?.drop()
    rmSync(folder, { recursive: true })
  })

  async function stop(): Promise<void> {
    await lakeshore?.stop()
    lakeshore = null
  }

  /** Runs commands of the page in order. */
  async function runRecipe(lines: string, values: Record<string, string>): Promise<void> {
    const command = `set -e\n${fillIn(lines, values)}`
    await runToEnd('sh', ['-c', command], { timeoutMs: TIMEOUT_MS, env: { LAKESHORE_HOME: pathInFolder('home') } })
  }

  function createWriters({ uri, warehouse }: Lakeshore): TableWriter[] {
    const catalog = { catalogUri: `${uri}/v1/${warehouse}` }
    return Array.from({ length: WRITERS }, () => new TableWriter([catalog], token, 't', 0))
  }

  /** Adds ten more snapshots by each of eight writers. */
  async function commitMore(running: Lakeshore): Promise<void> {
    const from = nextNumber
    nextNumber += 10
    await Promise.all(
      createWriters(running).map(async (writer, w) => {
        for (let number = 0; number < 10; number += 1) {
          const snapshotId = (w + 1) * 100_000 + from + number
          await writer.append(snapshotId)
          committed.push(snapshotId)
        }
      }),
    )
  }

  /** Expects every acknowledged snapshot, and the connection with its secret. */
  async function expectIntactTables(running: Lakeshore): Promise<void> {
    const table = await createWriters(running)[0]?.load('all')
    expect(table && snapshotChain(table).toSorted((a, b) => a - b)).toEqual(committed.toSorted((a, b) => a - b))
    const otherCatalog = await running.console.fetch('/api/v1/catalogs/elsewhere/namespaces')
    // No server listens at its address; a secret that cannot be opened would be reported first.
    expect(await otherCatalog.json()).toMatchObject({ code: 'catalog-unavailable' })
  }

  test('starts on SQLite', async () => {
    lakeshore = await startLakeshore(folder)
    ;({ password, token } = lakeshore)
    await createWriters(lakeshore)[0]?.createTable()
    await commitMore(lakeshore)
    const settings = {
      kind: 'rest',
      uri: 'http://127.0.0.1:9/catalog',
      warehouse: null,
      prefix: null,
      auth: { kind: 'bearer' },
      headerNames: [],
      delegation: 'none',
      storage: null,
      mappings: [],
      ownCredentials: 'off',
    }
    const added = await lakeshore.console.fetch('/api/v1/connections', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'elsewhere', settings, secrets: { token: 'of-another-catalog' } }),
    })
    expect(added.status).toBe(200)
    await expectIntactTables(lakeshore)
    await stop()
  })

  test('moves to PostgreSQL, and has everything there with the settings of the page', async () => {
    const address = 'postgres://user:password@host:5432/database'
    await runRecipe(readRecipe('Moving to PostgreSQL', 'npm run lakeshore -- state copy --to'), {
      [address]: databaseUrlOf(first),
    })
    renameSync(pathInFolder('home/lakeshore.db'), pathInFolder('lakeshore.db'))
    const lines = readRecipe('Moving to PostgreSQL', 'LAKESHORE_DATABASE_URL')
    shared = parseEnv(fillIn(lines, { [address]: databaseUrlOf(first), '<home>': pathInFolder('home') })) as Record<
      string,
      string
    >

    const settings = { ...shared, LAKESHORE_DATABASE_POOL_SIZE: String(POOL_SIZE) }
    lakeshore = await startLakeshore(folder, settings, { password, webProcesses: WEB_PROCESSES })
    expect(existsSync(pathInFolder('home/lakeshore.db'))).toBe(false)
    await expectIntactTables(lakeshore)
  })

  test('never opens more connections than processes × pool size (Sizing), however many clients commit', async () => {
    if (!lakeshore) throw new Error('Lakeshore is not running.')
    const watcher = new Client({ connectionString: databaseUrlOf(first) })
    await watcher.connect()
    const counts: number[] = []
    const sql =
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'lakeshore' AND datname = $1"
    const done = new AbortController()
    const committing = commitMore(lakeshore).finally(() => done.abort())
    while (!done.signal.aborted) {
      counts.push((await watcher.query<{ count: number }>(sql, [first?.name])).rows[0]?.count ?? 0)
      await pause(5)
    }
    await committing
    await watcher.end()
    expect(Math.max(...counts)).toBeGreaterThan(POOL_SIZE)
    expect(Math.max(...counts)).toBeLessThanOrEqual((WEB_PROCESSES + 1) * POOL_SIZE)
  })

  test('is backed up during writes, lost, and completely restored into a new database', async () => {
    if (!lakeshore || !client) throw new Error('Lakeshore is not running.')
    const backup = pathInFolder('backup')
    mkdirSync(backup, { mode: 0o700 })
    const before = committed.length
    const later = commitMore(lakeshore)
    const dump = readRecipe('With PostgreSQL', 'pg_dump')
    await runRecipe(dump, {
      'pg_dump ': `${client.pgDump} `,
      '"$LAKESHORE_DATABASE_URL"': `'${databaseUrlOf(first)}'`,
      '<backup>': backup,
      '<home>': pathInFolder('home'),
    })
    const [, tar = ''] = readRecipe('With SQLite', 'npm run lakeshore -- backup').trim().split('\n')
    const recipeValues = { '<backup>': backup, '<home>': pathInFolder('home') }
    // Ends with 1 if a folder got another file in the meantime, as documented.
    await runToEnd('sh', ['-c', fillIn(tar, recipeValues)], { timeoutMs: TIMEOUT_MS, okCodes: [0, 1] })
    await later
    await stop()
    rmSync(pathInFolder('home'), { recursive: true })
    await first?.drop()

    await runRecipe(readRecipe('With PostgreSQL', 'pg_restore'), {
      'pg_restore ': `${client.pgRestore} `,
      '"$NEW_URL"': `'${databaseUrlOf(second)}'`,
      '<backup>': backup,
    })
    await runRecipe(readRecipe('With PostgreSQL', 'mkdir'), recipeValues)
    lakeshore = await startLakeshore(folder, { ...shared, LAKESHORE_DATABASE_URL: databaseUrlOf(second) }, { password })
    const table = await createWriters(lakeshore)[0]?.load('all')
    const chain = table ? snapshotChain(table) : []
    // The snapshots from before the backup, and the later ones that are in the dump.
    expect(chain).toEqual(expect.arrayContaining(committed.slice(0, before)))
    expect(committed).toEqual(expect.arrayContaining(chain))
    committed = chain
    await expectIntactTables(lakeshore)
    await commitMore(lakeshore)
    await expectIntactTables(lakeshore)
  })

  test('reports processes of the older version as not ready once a newer one has changed the database, and starts none of them', async () => {
    if (!lakeshore) throw new Error('Lakeshore is not running.')
    const newer = new Client({ connectionString: databaseUrlOf(second), options: '-c search_path=lakeshore' })
    await newer.connect()
    await newer.query("INSERT INTO lakeshore_migrations (name, applied_at_ms) VALUES ('of-tomorrow', 1)")
    const readiness = async () => (await fetch(`${lakeshore?.url}/readyz`)).json()
    const isReady = async () => ((await readiness()) as { ready: boolean }).ready
    while (await isReady()) await pause(100)
    expect(await readiness()).toMatchObject({ checks: { database: 'ok', migrations: 'failed' } })
    // They continue to serve requests until they are stopped.
    await commitMore(lakeshore)
    await expect(lakeshore.run('init')).rejects.toThrow(
      /newer version of Lakeshore has changed this database \(of-tomorrow\)/,
    )
    await newer.query("DELETE FROM lakeshore_migrations WHERE name = 'of-tomorrow'")
    await newer.end()
    while (!(await isReady())) await pause(100)
    await expectIntactTables(lakeshore)
  })
})
