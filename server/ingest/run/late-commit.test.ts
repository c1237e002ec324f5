import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { beforeWrites } from '@/testing/catalogs/before-writes'
import { AppError } from '@/lib/errors'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog, findStrayFiles, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { CatalogWrite } from '@/server/catalog/port/catalog-write'
import { Catalogs } from '@/server/catalog/catalogs'
import { type Run, readRun } from '@/server/db/jobs/runs'
import { readLog } from '@/server/db/jobs/run-logs'
import { followRun } from '@/server/jobs/follow-run'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import type { Services } from '@/server/services'
import { readLiveFiles } from '@/server/table/files/live-files'
import { ingestRuns } from './ingest-run'
import { INGEST, toFileLocation, queueIngest } from './ingest-spec'
import { stageInput } from '../stage/stage-input'

/** A fault of commits on their way to a remote catalog; null if they arrive. */
const remote = { commit: null as ((write: CatalogWrite<'commit-table'>) => Promise<never>) | null }

const home = createTestHome()

const SCHEMA = JSON.stringify({
  type: 'struct',
  fields: [{ id: 1, name: 'id', required: true, type: 'long' }],
})
let tables = 0
let deliver: (() => Promise<unknown>) | null
let stop: AbortController
let loops: Promise<void>[]

beforeEach(() => {
  remote.commit = null
  deliver = null
  stop = new AbortController()
  loops = []
  tables += 1
})

/** The catalog without the network in between. */
const realCatalog = (): Promise<CatalogClient> => home.services.catalogs.open(home.config.catalogName, TEST_ACTOR)

/**
 * The worker's services, with a catalog that behaves like a remote one: a commit may arrive after the client gave up.
 */
function servicesOfWorker(): Services {
  const catalogs = new Catalogs(home.services)
  const open = catalogs.open.bind(catalogs)
  catalogs.open = async (...args) => {
    const catalog = await open(...args)
    return beforeWrites({ ...catalog, kind: 'rest' }, 'commit-table', async (write) => remote.commit?.(write))
  }
  return { ...home.services, catalogs }
}

const tableIdentifier = () => ({ catalog: home.config.catalogName, namespace: ['ns'], table: `t${tables}` })

/** Holds commits back after they were sent; the sender gets `answer`. */
function holdCommits(answer: () => Promise<never>): void {
  remote.commit = async ({ table, change }) => {
    const catalog = await realCatalog()
    const tableChange = typeof change === 'function' ? await change(await catalog.loadTable(table)) : change
    deliver = () => catalog.write({ kind: 'commit-table', table, change: tableChange })
    return answer()
  }
}

async function ingest(during: (id: string) => Promise<void> = async () => {}): Promise<Run> {
  const file = path.join(home.config.homeDir, `input-${tables}.csv`)
  writeFileSync(file, 'id\n1\n2\n')
  const create = { schema: SCHEMA, partitionBy: null, properties: {} }
  const spec = {
    input: [{ location: toFileLocation(file) }],
    format: 'csv' as const,
    ignoreExtra: false,
    maxRejectedRows: 0,
    create,
  }
  const id = await queueIngest(home.database, tableIdentifier(), spec, COMMAND_LINE)
  startWorker()
  loops.push(endLeases(stop.signal))
  await during(id)
  const run = await followRun(home.database, id, {
    signal: new AbortController().signal,
    onProgress: () => {},
    pollMs: 5,
  })
  stop.abort()
  await Promise.all(loops)
  return run
}

function startWorker(): void {
  const services = servicesOfWorker()
  const kinds = { [INGEST]: ingestRuns(services, (request, { onProgress }) => stageInput(request, onProgress)) }
  loops.push(runWorkerLoop(services, { kinds, concurrency: 1, signal: stop.signal, pollMs: 5, renewMs: 20 }))
}

/**
 * The test does not wait for leases to end by themselves. One write at a time: on a slow disk, writes on a timer would
 * queue up before those of the worker.
 */
async function endLeases(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await home.database.commit([
      rawChange("UPDATE runs SET lease_until_ms = 0 WHERE state = 'running' AND lease_owner IS NULL"),
    ])
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function lateRows(): Promise<number> {
  await deliver?.()
  const table = await (await openTestCatalog(home.services)).loadTable(tableIdentifier())
  const [snapshot, ...more] = table.metadata.snapshots
  if (!snapshot || more.length > 0) throw new Error(`${more.length} further snapshots`)
  const { store } = table
  const files = await readLiveFiles(home.services.manifestCache, table, snapshot, {
    store,
    signal: new AbortController().signal,
  })
  for (const { dataFile } of files) expect(await store.sizeBytes(dataFile.filePath)).toBe(dataFile.fileSizeBytes)
  return files.reduce((sum, { dataFile }) => sum + dataFile.recordCount, 0)
}

it('Files of a commit without an answer are neither removed nor loaded again', async () => {
  holdCommits(() => Promise.reject(new AppError('commit-state-unknown', 'No answer.')))
  const run = await ingest()
  expect(run).toMatchObject({ state: 'failed', attempt: 4, error: { code: 'commit-state-unknown' } })
  expect(run.error?.detail).toContain('Check the table before you load the file again')
  expect((await readLog(home.database, run.id, 0, 100)).at(-1)).toMatchObject({
    level: 'error',
    text: expect.stringMatching(/^Failed: /),
  })
  expect(await lateRows()).toBe(2)
})

it('The same holds for a run whose worker was lost during the commit', async () => {
  let wake = () => {}
  holdCommits(
    () =>
      new Promise<never>((_resolve, reject) => {
        wake = () => reject(new AppError('commit-state-unknown', 'No answer.'))
      }),
  )
  const run = await ingest(async (id) => {
    await vi.waitUntil(() => deliver !== null, 50_000)
    await home.database.commit([
      rawChange("UPDATE runs SET lease_owner = 'lost', lease_until_ms = 0 WHERE id = ?", [id]),
    ])
    startWorker()
    await vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs !== null, 50_000)
    wake()
  })
  expect(run).toMatchObject({ state: 'failed', error: { code: 'commit-state-unknown' } })
  expect(await lateRows()).toBe(2)
})

it('A commit that is found later has succeeded', async () => {
  holdCommits(async () => {
    await deliver?.()
    deliver = null
    throw new AppError('commit-state-unknown', 'No answer.')
  })
  expect(await ingest()).toMatchObject({ state: 'succeeded', attempt: 2, outcome: { rowsCommitted: 2 } })
  expect(await lateRows()).toBe(2)
})

it('Files of a commit that the catalog refused are removed', async () => {
  holdCommits(() => Promise.reject(new AppError('forbidden', 'Not you.')))
  expect(await ingest()).toMatchObject({ state: 'failed', error: { code: 'forbidden' }, journal: null })
  await expect((await openTestCatalog(home.services)).loadTable(tableIdentifier())).rejects.toMatchObject({
    code: 'not-found',
  })
  expect((await findStrayFiles(home.services)).filter((file) => file.includes(`/t${tables}/`))).toEqual([])
})
