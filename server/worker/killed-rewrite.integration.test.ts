import path from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { queueRewrite } from '@/server/maintenance/rewrite-files/rewrite-task'
import { readRun } from '@/server/db/jobs/runs'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import { readLiveFiles } from '@/server/table/files/live-files'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles, openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { verifyTable } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { killableEnv, planKill } from '@/testing/faults/planned-kill'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { startMain } from '@/testing/processes/main-process'

/** The built worker, killed at each step of a rewrite of files, and its successor on the same home. */

const home = createTestHome()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const csv = (first: number) => `id\n${Array.from({ length: 2000 }, (_, i) => `${first + i}\n`).join('')}`
/** Generous, because machines may be slow. */
const WAIT = { timeout: 200_000 }
const killFile = () => path.join(home.config.homeDir, 'kill')
const running = new Set<ReturnType<typeof startMain>>()

afterAll(async () => {
  for (const worker of running) worker.process.kill('SIGKILL')
  await Promise.all([...running].map(({ ended }) => ended))
})

function startWorker() {
  const env = { LAKESHORE_HOME: home.config.homeDir, LAKESHORE_LOG_LEVEL: 'error', ...killableEnv(killFile()) }
  const worker = startMain('build/worker.mjs', [], env)
  running.add(worker)
  void worker.ended.then(() => running.delete(worker))
  return worker
}

/** A draft that the nightly clean-up removes, or a metadata file without a commit, which no table names. */
const STEPS = [
  { step: 'before its first file is in the table’s folder', table: 'first', at: 'link .*/first/data/' },
  { step: 'with one of two files in the table’s folder', table: 'half', at: 'link .*/half/data/', after: 1 },
  {
    step: 'before the deletes of a file are written again',
    table: 'deletes',
    at: 'link .*/deletes/data/.*-deletes_',
    left: /-deletes_[^/]*\.parquet\.[^/]*\.tmp$/,
  },
  {
    step: 'before a manifest is written',
    table: 'manifest',
    at: 'link .*/manifest/.*-m0\\.avro$',
    left: /-m0\.avro\.[^/]*\.tmp$/,
  },
  {
    step: 'before its manifest list is written',
    table: 'list',
    at: 'link .*/list/.*/snap-[^/]*\\.avro$',
    left: /\/\.snap-[^/]*\.tmp$/,
  },
]

describe('A worker that is killed while it rewrites files', () => {
  it.each(STEPS)(
    '$step: the next one rewrites them, and no file is left',
    async ({ table: name, at, after = 0, left }) => {
      const identifier = { catalog: home.config.catalogName, namespace: ['ns'], table: name }
      await loadCsv(home.services, identifier, csv(0), { schema: SCHEMA })
      await loadCsv(home.services, identifier, csv(2000))
      const catalog = await openTestCatalog(home.services)
      const update = { action: 'set-properties', updates: { 'write.parquet.compression-codec': 'gzip' } } as const
      const loaded = await catalog.loadTable(identifier)
      const { metadata, store } = loaded
      const [file] = await readLiveFiles(home.services.manifestCache, loaded, currentSnapshot(metadata), { store })
      if (file) await deleteRows(home.services, identifier, file, [0])
      const table = await catalog.write({
        kind: 'commit-table',
        table: identifier,
        change: { requirements: [], updates: [update] },
      })
      const rows = await readTableRows(table)
      expect(rows).toHaveLength(3999)
      planKill(killFile(), { program: 'worker.mjs', at, after })
      const worker = startWorker()
      const { id } = await queueRewrite(home.database, table, TEST_ACTOR)
      expect(await worker.ended).toBe('SIGKILL')
      const killed = await readRun(home.database, id)
      expect(killed).toMatchObject({ state: 'running', attempt: 1, journal: { mayBeSent: name === 'list' } })
      expect((await catalog.loadTable(identifier)).metadataLocation).toBe(table.metadataLocation)

      const past = "UPDATE runs SET lease_until_ms = 0 WHERE id = ? AND state = 'running'"
      await home.database.commit([rawChange(past, [id])])
      const next = startWorker()
      await vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs != null, WAIT)
      const run = await readRun(home.database, id)
      expect(run).toMatchObject({ state: 'succeeded', attempt: 2, journal: null, outcome: { filesRewritten: 2 } })
      expect(await readTableRows(await catalog.loadTable(identifier))).toEqual(rows)
      expect((await verifyTable(home.services, identifier)).log).toHaveLength(4)
      const found = (await findStrayFiles(home.services)).filter(
        (file) => file.includes(`/${name}/`) || file.includes(id),
      )
      expect(found.map((file) => left?.test(file) ?? file)).toEqual(left ? [true] : [])
      next.process.kill('SIGTERM')
      expect(await next.ended).toBe(0)
    },
    480_000,
  )
})
