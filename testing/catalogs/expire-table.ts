import { readdirSync } from 'node:fs'
import type { ExpiryPreview, previewExpiry } from '@/lib/contract/table/expiry'
import { type TableIdentifier, namespaceLabel } from '@/lib/names/identifiers'
import { vi } from 'vitest'
import type { z } from 'zod'
import type { Actor } from '@/server/auth/actor'
import type { Run } from '@/server/db/jobs/runs'
import { followRun } from '@/server/jobs/follow-run'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { removeExpiredFilesRuns } from '@/server/maintenance/expiry/remove-expired-files'
import type { Services } from '@/server/services'
import { type ChangedTable, commitIntents } from '@/server/changes/actions/change-table'
import { readExpiryPreview } from '@/server/table/expiry/preview-expiry'
import { listRemovals, REMOVE_EXPIRED_FILES } from '@/server/table/expiry/queued-removals'
import { clock } from '@/server/timing/clock'
import { rawChange } from '@/testing/databases/test-sql'

const signal = new AbortController().signal

type Criteria = Omit<z.output<typeof previewExpiry.input>, keyof TableIdentifier>

/** Everything that only one snapshot of each branch does not need. */
export const ALL_BUT_TIPS: Criteria = { maxAgeMs: 0, retainLast: 1 }

/** A count of files that takes a busy machine too long would be left to a run. */
export async function withoutCountLimit<Result>(work: () => Promise<Result>): Promise<Result> {
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(signal)
  try {
    return await work()
  } finally {
    timeout.mockRestore()
  }
}

export async function previewExpiryOf(
  services: Pick<Services, 'catalogs' | 'database'>,
  identifier: TableIdentifier,
  actor: Actor,
  criteria: Criteria = ALL_BUT_TIPS,
): Promise<ExpiryPreview> {
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  const table = await catalog.loadTable(identifier, { signal })
  // A process knows the clock of a database as exactly as a busy machine lets it: a snapshot may be of its future.
  const newestMs = Math.max(0, ...table.metadata.snapshots.map(({ timestampMs }) => timestampMs))
  while (services.database.nowMs() <= newestMs) await clock.pause(5)
  return withoutCountLimit(() => readExpiryPreview(services, catalog, table, { ...identifier, ...criteria }, signal))
}

/** Commits the expiry of a preview. */
export async function commitExpiry(
  services: Pick<Services, 'catalogs' | 'database' | 'keys'>,
  identifier: TableIdentifier,
  actor: Actor,
  { intent }: Pick<ExpiryPreview, 'intent'>,
): Promise<ChangedTable & { auditId: string }> {
  if (intent === null) throw new Error('nothing would expire')
  const confirmedName = `${namespaceLabel(identifier.namespace)}.${identifier.table}`
  return withoutCountLimit(() =>
    commitIntents(services, identifier, [intent], { actor, signal, requestId: 'r1', confirmedName }),
  )
}

/** The removals of a table run now, whatever their times, until the newest has ended. */
export async function runRemovals(services: Services, tableUuid: string): Promise<Run> {
  const [newest] = await listRemovals(services.database, tableUuid)
  if (!newest) throw new Error('no removal is queued')
  await services.database.commit([rawChange('UPDATE runs SET starts_at_ms = 0 WHERE id = ?', [newest.id])])
  const stop = new AbortController()
  const kinds = { [REMOVE_EXPIRED_FILES]: removeExpiredFilesRuns(services) }
  const loop = runWorkerLoop(services, { kinds, concurrency: 1, signal: stop.signal })
  const run = await followRun(services.database, newest.id, { signal, onProgress: () => {}, pollMs: 5 })
  stop.abort()
  await loop
  return run
}

/** Data files, manifests and manifest lists in a folder, without metadata.json, by their names. */
export function listTableFiles(location: string): string[] {
  return readdirSync(location.replace('file://', ''), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(avro|parquet|puffin|stats)$/.test(entry.name))
    .map(({ name }) => name)
    .sort()
}
