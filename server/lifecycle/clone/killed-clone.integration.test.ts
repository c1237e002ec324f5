import path from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { readRun, requestCancel } from '@/server/db/jobs/runs'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import { readLiveFiles } from '@/server/table/files/live-files'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles, openTestCatalog } from '@/testing/catalogs/test-catalog'
import { verifyTable } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { killableEnv, planKill } from '@/testing/faults/planned-kill'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { startMain } from '@/testing/processes/main-process'
import { queueClone } from '@/testing/lifecycle/queue-clone'

/** The built worker, killed at each step of a clone, and its successor on the same home. */

const home = createTestHome()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const csv = (first: number) => `id\n${Array.from({ length: 200 }, (_, i) => `${first + i}\n`).join('')}`
/** Generous, because machines may be slow. */
const WAIT = { timeout: 80_000 }
const killFile = () => path.join(home.config.homeDir, 'kill')
const toIdentifier = (table: string) => ({ catalog: home.config.catalogName, namespace: ['ns'], table })
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

const STEPS = [
  { step: 'before its first file is in the folder of the clone', table: 'first', at: 'link .*/first/data/', copied: 0 },
  { step: 'with one of its files in the folder', table: 'half', at: 'link .*/half/data/', after: 1, copied: 0 },
  {
    step: 'before a manifest is written',
    table: 'manifest',
    at: 'link .*/manifest/.*-m1\\.avro$',
    copied: 3,
  },
  {
    step: 'before its manifest list is written',
    table: 'list',
    at: 'link .*/list/.*-snap-[^/]*\\.avro$',
    copied: 3,
  },
  {
    step: 'before its metadata file is written',
    table: 'metadata',
    at: 'link .*/metadata/metadata/[^/]*\\.metadata\\.json$',
    copied: 3,
  },
]

/** Kills a worker at the step, and returns the source and the run as the worker left it. */
async function cloneAndKill({ table: name, at, after = 0 }: { table: string; at: string; after?: number }) {
  const source = toIdentifier(`of-${name}`)
  await loadCsv(home.services, source, csv(0), { schema: SCHEMA })
  await loadCsv(home.services, source, csv(200))
  const catalog = await openTestCatalog(home.services)
  const loaded = await catalog.loadTable(source)
  const [file] = await readLiveFiles(home.services.manifestCache, loaded, currentSnapshot(loaded.metadata), loaded)
  if (file) await deleteRows(home.services, source, file, [0])
  const table = await catalog.loadTable(source)
  planKill(killFile(), { program: 'worker.mjs', at, after })
  const worker = keepWorker()
  const spec = {
    source,
    sourceTableUuid: table.metadata.tableUuid,
    snapshotId: table.metadata.currentSnapshotId,
    schemaId: table.metadata.currentSchemaId,
    location: null,
    keepsPartitioning: true,
    keepsSortOrder: true,
    keepsDescription: true,
    properties: [],
  }
  const id = await queueClone(home.database, toIdentifier(name), spec)
  expect(await worker.ended).toBe('SIGKILL')
  await expect(catalog.loadTable(toIdentifier(name))).rejects.toMatchObject({ code: 'not-found' })
  return { id, rows: await readTableRows(table) }
}

/** Lets the next worker take the run, and waits for the end of the run. */
async function finishWithNextWorker(id: string) {
  const past = "UPDATE runs SET lease_until_ms = 0 WHERE id = ? AND state = 'running'"
  await home.database.commit([rawChange(past, [id])])
  startWorker()
  await vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs != null, WAIT)
  return readRun(home.database, id)
}

/** Without drafts, which the nightly clean-up removes. */
const strayOf = async (name: string, id: string) =>
  (await findStrayFiles(home.services)).filter(
    (file) => (file.includes(`/${name}/`) || file.includes(id)) && !/\/\.[^/]*\.tmp$/.test(file),
  )

describe('A worker that is killed while it clones a table', () => {
  it.each(STEPS)(
    '$step: the next one completes the clone with the same rows, and no file is left',
    async ({ copied, ...planned }) => {
      const { id, rows } = await cloneAndKill(planned)
      expect(rows).toHaveLength(399)
      const mayBeSent = planned.table === 'metadata'
      expect(await readRun(home.database, id)).toMatchObject({
        state: 'running',
        attempt: 1,
        journal: { copiedCount: copied, mayBeSent },
      })
      expect(await finishWithNextWorker(id)).toMatchObject({ state: 'succeeded', attempt: 2, journal: null })
      const catalog = await openTestCatalog(home.services)
      expect(await readTableRows(await catalog.loadTable(toIdentifier(planned.table)))).toEqual(rows)
      // Rows of the data files and of the file with one delete.
      expect((await verifyTable(home.services, toIdentifier(planned.table))).rows).toBe(401)
      expect(await strayOf(planned.table, id)).toEqual([])
    },
  )

  it('and that is cancelled before the next one: all its files are removed, and there is no table', async () => {
    const { id } = await cloneAndKill({ table: 'regretted', at: 'link .*/regretted/.*-snap-[^/]*\\.avro$' })
    await requestCancel(home.database, id)
    expect(await finishWithNextWorker(id)).toMatchObject({ state: 'cancelled', journal: null })
    const catalog = await openTestCatalog(home.services)
    await expect(catalog.loadTable(toIdentifier('regretted'))).rejects.toMatchObject({ code: 'not-found' })
    expect(await strayOf('regretted', id)).toEqual([])
  })

  it('has a successor that still stops on SIGTERM', async () => {
    const worker = keepWorker()
    worker.process.kill('SIGTERM')
    expect(await worker.ended).toBe(0)
  })
})
