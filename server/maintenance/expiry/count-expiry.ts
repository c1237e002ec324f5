import 'server-only'
import { AppError, TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { planExpiry } from '@/lib/changes/intents/plan-expiry'
import { runActor } from '@/server/jobs/run-actor'
import type { Run } from '@/server/db/jobs/runs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import type { Services } from '@/server/services'
import { createTurns } from '@/server/timing/take-turns'
import { expiryTotals } from '@/lib/contract/table/expiry-totals'
import { countExpiryFiles } from '@/server/table/expiry/count-files'
import { FirstFiles } from '@/server/table/expiry/first-files'
import { findOtherFolders } from '@/server/table/expiry/other-folders'
import { groupsOf, toRequest } from '@/server/table/expiry/preview-expiry'
import { countSpec, digestOf } from '@/server/table/expiry/queued-counts'

/** Counts read manifests and change nothing, so there is nothing to clean up. */
export function countExpiryRuns(services: Pick<Services, 'catalogs' | 'database'>): RunKind<'count-expiry'> {
  return {
    maxConcurrent: 2,
    retryOn: [...TRANSIENT_DATABASE_CODES, 'catalog-unavailable', 'storage-unavailable'],
    work: (run, context) => countExpiry(services, run, context),
    settle: async () => null,
    tidy: async () => {},
  }
}

async function countExpiry(
  { catalogs, database }: Pick<Services, 'catalogs' | 'database'>,
  run: Run,
  { signal, report, log }: RunContext<'count-expiry'>,
): Promise<JsonObject> {
  if (run.table === null) throw new AppError('invalid-request', 'A count must name a table.')
  const actor = await runActor(database, run, [{ permission: 'table:read', resource: run.table }])
  const catalog = await catalogs.open(run.table.catalog, actor)
  const table = await catalog.loadTable(run.table, { signal })
  const { retention, intent } = planExpiry(table.metadata, toRequest(countSpec.parse(run.spec)))
  const total = table.metadata.snapshots.length
  const listing = new FirstFiles()
  const files = await countExpiryFiles(table, groupsOf(retention), {
    otherFolders: await findOtherFolders(catalog, table, signal),
    listing,
    signal,
    takeTurns: createTurns(),
    onProgress: (readCount) => report({ phase: 'reading', done: readCount, total, unit: 'snapshots', counters: {} }),
  })
  const { fileCount, sizeBytes } = expiryTotals(files)
  log(`${formatQuantity(fileCount, 'file')} of ${formatBytes(sizeBytes)} would be removed.`)
  const counted = { digest: digestOf(intent?.snapshotIds ?? []), files, list: listing.toList() }
  return { counted, fileCount, removableBytes: sizeBytes }
}
