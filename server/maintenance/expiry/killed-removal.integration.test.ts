import { beforeAll, expect, test, vi } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { readRun } from '@/server/db/jobs/runs'
import { commitIntents } from '@/server/changes/actions/change-table'
import { expiryTotals } from '@/lib/contract/table/expiry-totals'
import { listRemovals } from '@/server/table/expiry/queued-removals'
import { commitExpiry, listTableFiles, previewExpiryOf, runRemovals } from '@/testing/catalogs/expire-table'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'

/** A worker that kills itself before or after its n-th step: a removed file, or a transaction that writes the journal or the end. */
const SOURCE = `
import { changeSql } from '@/testing/databases/change-sql'
import { services } from '@/testing/homes/program-services'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { removeExpiredFilesRuns } from '@/server/maintenance/expiry/remove-expired-files'

let left = Number(process.argv[2])
function step() {
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}
async function main() {
  const { database, config } = services
  const store = services.stores.catalogStore(config.catalogName)
  const { remove } = store
  store.remove = async (location) => {
    step()
    await remove.call(store, location)
    step()
  }
  const { commit } = database
  database.commit = async (changes) => {
    const isStep = changes.map(changeSql).some((sql) => /"journal" = |"attempt" = /.test(sql))
    if (isStep) step()
    const changed = await commit(changes)
    if (isStep) step()
    return changed
  }
  const stop = new AbortController()
  process.on('SIGTERM', () => stop.abort())
  await runWorkerLoop(services, { kinds: { 'remove-expired-files': removeExpiredFilesRuns(services) }, concurrency: 1, signal: stop.signal, pollMs: 20 })
  await database.close()
}
void main()
`

const ANN = actorFor({ userId: 'u1', username: 'ann', role: 'editor' })
const home = createTestHome()
const signal = new AbortController().signal
/** Generous, because machines may be slow. */
const WAIT = { timeout: 100_000 }
let program: string

beforeAll(async () => {
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  program = await bundleProgram(SOURCE, home.config.homeDir)
})

/** Three of four snapshots expire, two of them with files of their own. */
async function createExpired(table: string): Promise<{ identifier: TableIdentifier; files: string[]; count: number }> {
  const identifier = { catalog: home.config.catalogName, namespace: ['demo'], table }
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  const [first, , third] = [await append(), await append(), await append()]
  await commitIntents(
    home.services,
    identifier,
    [{ kind: 'roll-back', fromSnapshotId: third, toSnapshotId: first, safetyTag: null }],
    { actor: ANN, signal, requestId: null, confirmedName: `demo.${table}` },
  )
  await append()
  const shown = await previewExpiryOf(home.services, identifier, ANN)
  await commitExpiry(home.services, identifier, ANN, shown)
  if (shown.files === null) throw new Error('the files were not counted')
  const { location } = (await catalog.loadTable(identifier)).metadata
  return { identifier, files: listTableFiles(location), count: expiryTotals(shown.files).fileCount }

  function append() {
    return appendTenRows(home.services, identifier)
  }
}

test('A removal whose worker is killed at any step is finished by the next one, and no live file goes (commit-safety 19)', async () => {
  let killed = 0
  for (let stopAt = 1; stopAt < 100; stopAt += 1) {
    const { identifier, files, count } = await createExpired(`t${stopAt}`)
    const catalog = await openTestCatalog(home.services)
    const { metadata } = await catalog.loadTable(identifier)
    const [queued] = await listRemovals(home.database, metadata.tableUuid)
    const id = queued?.id ?? ''
    await home.database.commit([rawChange('UPDATE runs SET starts_at_ms = 0 WHERE id = ?', [id])])
    const worker = startProgram(home.config, program, [String(stopAt)], {})
    const first = await Promise.race([
      worker.ended,
      vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs !== null && 'finished', WAIT),
    ])
    const isKilled = first !== 'finished'
    if (!isKilled) worker.process.kill('SIGTERM')
    await worker.ended

    // Whatever was removed so far, every file that a snapshot still reaches exists.
    await verifyTable(home.services, identifier)
    await home.database.commit([rawChange("UPDATE runs SET lease_until_ms = 0 WHERE state = 'running'")])
    const run = await runRemovals(home.services, metadata.tableUuid)
    expect(run, `step ${stopAt}`).toMatchObject({
      state: 'succeeded',
      journal: null,
      outcome: { filesRemoved: count, filesRetained: 0 },
    })
    expect(listTableFiles(metadata.location), `step ${stopAt}`).toHaveLength(files.length - count)
    expect(await verifyTable(home.services, identifier)).toMatchObject({ rows: 20 })
    if (!isKilled) break
    killed += 1
  }
  // Seven files, two journals, a claim and an end, before and after each.
  expect(killed).toBeGreaterThan(20)
}, 1_200_000)
