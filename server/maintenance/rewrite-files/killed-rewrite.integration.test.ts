import path from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readRun } from '@/server/db/jobs/runs'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import { readLiveFiles } from '@/server/table/files/live-files'
import { listTableFiles } from '@/testing/catalogs/expire-table'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles, openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { verifyTable } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { killableEnv, planKill } from '@/testing/faults/planned-kill'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { startMain } from '@/testing/processes/main-process'
import { queueRewrite } from './rewrite-task'

/** The built worker, killed at each step of a rewrite, and its successors on the same home. */

const home = createTestHome()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const csv = (first: number) => `id\n${Array.from({ length: 200 }, (_, i) => `${first + i}\n`).join('')}`
/** Generous, because machines may be slow. */
const WAIT = { timeout: 80_000 }
const killFile = () => path.join(home.config.homeDir, 'kill')
const running = new Set<ReturnType<typeof startMain>>()

afterAll(async () => {
  for (const worker of running) worker.process.kill('SIGKILL')
  await Promise.all([...running].map(({ ended }) => ended))
})

/** The worker that the test before left running, or another one. */
function keepWorker() {
  return [...running].at(-1) ?? startWorker()
}

function startWorker() {
  const env = { LAKESHORE_HOME: home.config.homeDir, LAKESHORE_LOG_LEVEL: 'error', ...killableEnv(killFile()) }
  const worker = startMain('build/worker.mjs', [], env)
  running.add(worker)
  void worker.ended.then(() => running.delete(worker))
  return worker
}

/** A table of two files, one of them with a deleted row, which other settings want written again. */
async function createTable(identifier: TableIdentifier) {
  await loadCsv(home.services, identifier, csv(0), {
    schema: SCHEMA,
    properties: { 'write.parquet.compression-codec': 'snappy' },
  })
  await loadCsv(home.services, identifier, csv(200))
  const catalog = await openTestCatalog(home.services)
  const loaded = await catalog.loadTable(identifier)
  const [file] = await readLiveFiles(home.services.manifestCache, loaded, currentSnapshot(loaded.metadata), loaded)
  if (file) await deleteRows(home.services, identifier, file, [0])
  return catalog.write({
    kind: 'commit-table',
    table: identifier,
    change: {
      requirements: [],
      updates: [{ action: 'set-properties', updates: { 'write.parquet.compression-codec': 'zstd' } }],
    },
  })
}

/** Ends the lease of a dead worker. */
const endLease = (id: string) =>
  home.database.commit([rawChange("UPDATE runs SET lease_until_ms = 0 WHERE id = ? AND state = 'running'", [id])])

/**
 * Queues a rewrite, and lets workers take it until it ends. The last one keeps running for the next test.
 *
 * @param onKilled called after each kill
 * @returns the run, and how many workers were killed as planned, one after the other
 */
async function rewriteAndKill(
  table: LoadedTable,
  kills: readonly { at: string; after: number }[],
  onKilled: (id: string, killed: number) => Promise<void> = async () => {},
): Promise<{ id: string; killed: number }> {
  let id = ''
  for (const [killed, kill] of [...kills, null].entries()) {
    if (kill) planKill(killFile(), { program: 'worker.mjs', ...kill })
    const worker = keepWorker()
    if (killed === 0) id = (await queueRewrite(home.database, table, TEST_ACTOR)).id
    else await endLease(id)
    const first = await Promise.race([
      worker.ended,
      vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs != null && 'finished', WAIT),
    ])
    if (first === 'finished') return { id, killed }
    await onKilled(id, killed + 1)
  }
  throw new Error('a worker was killed that was not to be')
}

/** Without drafts, which the nightly clean-up removes. */
const strayOf = async (name: string, id: string) =>
  (await findStrayFiles(home.services)).filter(
    (file) => (file.includes(`/${name}/`) || file.includes(id)) && !/\/\.[^/]*\.tmp$/.test(file),
  )

/** `left`: a draft that the nightly clean-up removes. */
const STEPS = [
  { step: 'before its first file is in the folder', table: 'first', at: 'link .*/first/data/' },
  { step: 'with one of its files in the folder', table: 'half', at: 'link .*/half/data/', after: 1 },
  {
    step: 'before it writes deletes again',
    table: 'deletes',
    at: 'link .*/deletes/data/.*-deletes_',
    left: /-deletes_[^/]*\.parquet\.[^/]*\.tmp$/,
  },
  {
    step: 'before a manifest is written',
    table: 'manifest',
    at: 'link .*/manifest/.*-m1\\.avro$',
    left: /-m1\.avro\.[^/]*\.tmp$/,
  },
  {
    step: 'before its manifest list is written',
    table: 'list',
    at: 'link .*/list/metadata/snap-',
    left: /\/\.snap-[^/]*\.tmp$/,
  },
  {
    step: 'before its metadata file is written',
    table: 'metadata',
    at: 'link .*/metadata/metadata/.*\\.json$',
    left: /\/\.0\d+-[^/]*\.tmp$/,
  },
]

const toIdentifier = (table: string) => ({ catalog: home.config.catalogName, namespace: ['ns'], table })

type Step = { table: string; at: string; after?: number; left?: RegExp }

/**
 * Kills a worker at a step, and the next one while it cleans up if requested.
 *
 * @returns the run as it ended
 */
async function rewriteDespiteKills({ table: name, at, after = 0, left }: Step, killsCleanUp: boolean) {
  const table = await createTable(toIdentifier(name))
  const rows = await readTableRows(table)
  expect(rows).toHaveLength(399)
  const kills = [{ at, after }, ...(killsCleanUp ? [{ at: `remove .*/${name}/data/`, after: 1 }] : [])]
  const catalog = await openTestCatalog(home.services)
  const { id, killed } = await rewriteAndKill(table, kills, async (run, attempt) => {
    const journal = attempt === 1 ? { mayBeSent: name === 'list' || name === 'metadata' } : {}
    expect(await readRun(home.database, run)).toMatchObject({ state: 'running', attempt, journal })
    expect((await catalog.loadTable(toIdentifier(name))).metadataLocation).toBe(table.metadataLocation)
  })
  expect(killed).toBe(kills.length)
  expect(await readTableRows(await catalog.loadTable(toIdentifier(name)))).toEqual(rows)
  expect((await verifyTable(home.services, toIdentifier(name))).log).toHaveLength(4)
  expect(await strayOf(name, id)).toEqual([])
  const drafts = (await findStrayFiles(home.services)).filter((file) => file.includes(`/ns/${name}/`))
  expect(drafts.map((file) => left?.test(file) ?? file)).toEqual(left ? [true] : [])
  return readRun(home.database, id)
}

const COMPLETED = { state: 'succeeded', journal: null, outcome: { filesRewritten: 2, rowsRewritten: 400 } }

describe('A worker that is killed while it rewrites files', () => {
  it.each(STEPS)(
    '$step, and the next one while it cleans up: the rewrite is completed, and no file is left',
    async (step) => {
      expect(await rewriteDespiteKills(step, true)).toMatchObject({ ...COMPLETED, attempt: 3 })
    },
    480_000,
  )

  it('before its first manifest is written: the next one completes the rewrite, and no file is left', async () => {
    const step = { table: 'once', at: 'link .*/once/.*-m0\\.avro$', left: /-m0\.avro\.[^/]*\.tmp$/ }
    expect(await rewriteDespiteKills(step, false)).toMatchObject({ ...COMPLETED, attempt: 2 })
  }, 480_000)

  it('with every attempt that it has: the run fails, and no file is left', async () => {
    const table = await createTable(toIdentifier('unlucky'))
    const kill = { at: 'link .*/unlucky/data/', after: 1 }
    const { id, killed } = await rewriteAndKill(table, [kill, kill, kill])
    expect(killed).toBe(3)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'failed', error: { code: 'internal' } })
    const catalog = await openTestCatalog(home.services)
    expect((await catalog.loadTable(toIdentifier('unlucky'))).metadataLocation).toBe(table.metadataLocation)
    expect(await strayOf('unlucky', id)).toEqual([])
  }, 480_000)

  it('and whose table is dropped before the next one: none of its files is left', async () => {
    const table = await createTable(toIdentifier('dropped'))
    const catalog = await openTestCatalog(home.services)
    let before: readonly string[] = []
    const { id, killed } = await rewriteAndKill(
      table,
      [{ at: 'link .*/dropped/.*-m0\\.avro$', after: 0 }],
      async () => {
        await catalog.write({ kind: 'drop-table', table: toIdentifier('dropped') })
        before = listTableFiles(table.metadata.location)
      },
    )
    expect(killed).toBe(1)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
    // The table's own files stay for its restore: two files were copied, and the deletes of one.
    expect(listTableFiles(table.metadata.location)).toHaveLength(before.length - 3)
  }, 480_000)

  it('has a successor that still stops on SIGTERM', async () => {
    const worker = keepWorker()
    worker.process.kill('SIGTERM')
    expect(await worker.ended).toBe(0)
  })
})
