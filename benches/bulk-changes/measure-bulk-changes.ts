import { type BulkChange, bulkConfirmation } from '@/lib/changes/intents/bulk-change'
import type { BulkStep } from '@/lib/contract/bulk-changes'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import { changeTablesRuns } from '@/server/changes/bulk/bulk-run'
import { runBulkChange } from '@/server/changes/bulk/queue-bulk-run'
import { readBulkChange, readBulkChangeTables } from '@/server/changes/bulk/read-bulk-change'
import { readSelectedTables } from '@/server/changes/bulk/selected-tables'
import { startBulkChange } from '@/server/changes/bulk/start-bulk-change'
import { parseConfig } from '@/server/config/config'
import { followRun } from '@/server/jobs/follow-run'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { createServices } from '@/server/program/create-services'
import type { Services } from '@/server/services'

/** Changes, undoes, drops and restores all tables of a namespace by runs. */

export type BulkLake = { homeDir: string; settings: Record<string, string>; tableCount: number }
export type MeasuredBulk = { listMs: number; steps: Record<string, number>; pages: Record<string, number[]> }

const NAMESPACE = ['bulk']
const LANES = 8
const SAMPLES = 20
const SETTINGS: BulkChange[] = [
  { kind: 'set-property', key: 'owner', value: 'data-platform' },
  { kind: 'set-property', key: 'write.parquet.compression-codec', value: 'zstd' },
]

const request = () => ({
  actor: actorFor(CONSOLE),
  signal: new AbortController().signal,
  requestId: null,
})

export async function measureBulkChanges({ homeDir, settings, tableCount }: BulkLake): Promise<MeasuredBulk> {
  const services = createServices(parseConfig({ LAKESHORE_HOME: homeDir, LAKESHORE_LOG_LEVEL: 'error', ...settings }))
  const stop = new AbortController()
  const kinds = { 'change-tables': changeTablesRuns(services) }
  const worker = runWorkerLoop(services, { kinds, concurrency: 2, signal: stop.signal, pollMs: 20 })
  try {
    await createTables(services, tableCount)
    const steps: Record<string, number> = {}
    const pages: Record<string, number[]> = { page: [], 'page of tables': [] }
    const begin = performance.now()
    const changed = await start(services, SETTINGS)
    const listMs = performance.now() - begin
    steps['preview'] = await finish(services, changed, { ready: tableCount })
    steps['write'] = await run(services, changed, 'write', { changed: tableCount })
    await readPages(services, changed, pages)
    steps['undo'] = await run(services, changed, 'undo', { undone: tableCount })
    const dropped = await start(services, [{ kind: 'drop' }])
    steps['preview of the drop'] = await finish(services, dropped, { ready: tableCount })
    steps['drop'] = await run(services, dropped, 'write', { changed: tableCount })
    steps['restore'] = await run(services, dropped, 'undo', { undone: tableCount })
    return { listMs, steps, pages }
  } finally {
    stop.abort()
    await worker
    await services.database.close()
  }
}

async function createTables({ catalogs, config }: Services, tableCount: number): Promise<void> {
  const catalog = await catalogs.open(config.catalogName, actorFor(CONSOLE))
  await catalog.write({ kind: 'create-namespace', namespace: NAMESPACE, properties: {} })
  const fields = Array.from({ length: 20 }, (_, index) => ({
    id: index + 1,
    name: `c${index}`,
    required: false,
    type: 'long' as const,
  }))
  const indices = Array.from({ length: tableCount }, (_, index) => index).values()
  const lane = async () => {
    for (const index of indices) {
      const table = { catalog: config.catalogName, namespace: NAMESPACE, table: `t${String(index).padStart(5, '0')}` }
      const schema = { schemaId: 0, identifierFieldIds: [], fields }
      await catalog.write({ kind: 'create-table', table, schema, properties: { owner: `team-${index % 7}` } })
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

async function start(services: Services, changes: BulkChange[]): Promise<string> {
  const catalog = services.config.catalogName
  const selection = { namespace: NAMESPACE }
  const { digest } = await readSelectedTables(services, catalog, selection, request())
  return startBulkChange(services, { catalog, selection, digest, changes }, request())
}

async function run(
  services: Services,
  bulkChangeId: string,
  step: BulkStep,
  expected: Record<string, number>,
): Promise<number> {
  const catalog = services.config.catalogName
  const confirmation = bulkConfirmation([{ kind: 'drop' }], Object.values(expected)[0] ?? 0, catalog) ?? undefined
  await runBulkChange(services, { catalog, bulkChangeId }, { step, confirmation }, request())
  return finish(services, bulkChangeId, expected)
}

/** Waits for the newest run. @returns the milliseconds that it took */
async function finish(services: Services, bulkChangeId: string, expected: Record<string, number>): Promise<number> {
  const on = { catalog: services.config.catalogName, bulkChangeId }
  const { actor, signal } = request()
  const begun = await readBulkChange(services.database, on, actor)
  if (begun.run === null) throw new Error('There is no run')
  const ended = await followRun(services.database, begun.run.id, { signal, onProgress: () => {} })
  const { counts } = await readBulkChange(services.database, on, actor)
  if (JSON.stringify(counts) !== JSON.stringify(expected))
    throw new Error(`${ended.title}: ${JSON.stringify(counts)} instead of ${JSON.stringify(expected)}`)
  return (ended.finishedAtMs ?? Number.NaN) - (ended.startedAtMs ?? Number.NaN)
}

async function readPages(services: Services, bulkChangeId: string, pages: Record<string, number[]>): Promise<void> {
  const on = { catalog: services.config.catalogName, bulkChangeId }
  const { actor } = request()
  const measure = async (name: string, read: () => Promise<unknown>) => {
    const begin = performance.now()
    await read()
    pages[name]?.push(performance.now() - begin)
  }
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await measure('page', () => readBulkChange(services.database, on, actor))
    await measure('page of tables', () =>
      readBulkChangeTables(services.database, on, { state: 'changed', search: 'T00', offset: 100 }, actor),
    )
  }
}
