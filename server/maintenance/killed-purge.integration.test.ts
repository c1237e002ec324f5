import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { listRuns, readRun } from '@/server/db/jobs/runs'
import { createRestClient, createRestTokenAs, type RestClient } from '@/testing/catalogs/rest-client'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { killableEnv, planKill } from '@/testing/faults/planned-kill'
import { createTestHome } from '@/testing/homes/test-home'
import { startMain } from '@/testing/processes/main-process'
import { PURGE_TABLE } from './purge-table'

/** The built worker, killed at each removal of a purge, and its successors on the same home. */

const home = createTestHome()
/** Generous, because machines may be slow. */
const WAIT = { timeout: 80_000 }
const killFile = () => path.join(home.config.homeDir, 'kill')
const running = new Set<ReturnType<typeof startMain>>()
let engine: RestClient

beforeAll(async () => {
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['ns'], properties: {} })
  engine = createRestClient(home.services, await createRestTokenAs(home.services, 'admin'))
})
afterAll(async () => {
  for (const worker of running) worker.process.kill('SIGKILL')
  await Promise.all([...running].map(({ ended }) => ended))
})

async function createTable(table: string): Promise<{ identifier: TableIdentifier; location: string }> {
  const identifier = { catalog: home.config.catalogName, namespace: ['ns'], table }
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  await appendTenRows(home.services, identifier)
  return { identifier, location: (await catalog.loadTable(identifier)).metadata.location }
}

/** The worker that the purge before left running, or another one. */
function keepWorker() {
  const [left] = running
  if (left) return left
  const env = { LAKESHORE_HOME: home.config.homeDir, LAKESHORE_LOG_LEVEL: 'error', ...killableEnv(killFile()) }
  const worker = startMain('build/worker.mjs', [], env)
  running.add(worker)
  void worker.ended.then(() => running.delete(worker))
  return worker
}

/**
 * Lets workers take the run that a request queues, until it ends. The last one keeps running.
 *
 * @returns the run, and how many workers were killed as planned, one after the other
 */
async function runWorkers(
  queue: () => Promise<string>,
  kills: readonly { at: string; after: number }[],
): Promise<{ id: string; killed: number }> {
  let id = ''
  for (const [killed, kill] of [...kills, null].entries()) {
    if (kill) planKill(killFile(), { program: 'worker.mjs', ...kill })
    const worker = keepWorker()
    if (killed === 0) id = await queue()
    // As if the lease of the killed one had expired.
    else await home.database.commit([rawChange("UPDATE runs SET lease_until_ms = 0 WHERE state = 'running'")])
    const first = await Promise.race([
      worker.ended,
      vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs != null && 'finished', WAIT),
    ])
    if (first === 'finished') return { id, killed }
  }
  throw new Error('a worker was killed that was not to be')
}

it('A purge whose worker is killed at any removal is finished by the next one, and removes nothing of other tables', async () => {
  const neighbour = await createTable('neighbour')
  let killed = 0
  let removable = 0
  for (let after = 0; after < 20; after += 1) {
    const { identifier, location } = await createTable(`t${after}`)
    const folder = location.slice('file://'.length)
    const fileCount = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length
    const purge = async () => {
      const address = `local/namespaces/ns/tables/${identifier.table}?purgeRequested=true`
      expect((await engine('DELETE', address)).status).toBe(204)
      const [queued] = await listRuns(home.database, { kind: PURGE_TABLE, limit: 1 })
      return queued?.id ?? ''
    }
    const at = `remove .*/${identifier.table}/`
    const { id, killed: kills } = await runWorkers(purge, [
      { at, after },
      { at, after: after % 2 },
    ])
    expect(await readRun(home.database, id), identifier.table).toMatchObject({
      state: 'succeeded',
      outcome: { filesRetained: 0 },
    })
    expect(existsSync(folder), identifier.table).toBe(false)
    expect(await verifyTable(home.services, neighbour.identifier)).toMatchObject({ rows: 10 })
    if (kills === 0) break
    killed += 1
    removable = fileCount
  }
  expect(killed).toBeGreaterThan(0)
  expect(killed).toBe(removable)
}, 900_000)
