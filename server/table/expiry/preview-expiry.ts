import 'server-only'
import type { z } from 'zod'
import {
  DEFAULT_REMOVAL_WINDOW_MS,
  type ExpiryCriteria,
  type ExpiryFiles,
  type ExpiryPreview,
  type previewExpiry,
} from '@/lib/contract/table/expiry'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { expiryStrip } from '@/lib/changes/impact/expiry-strip'
import type { Retention } from '@/lib/changes/impact/retention'
import type { ExpireSnapshots } from '@/lib/changes/intents/expire-snapshots/describe'
import { planExpiry } from '@/lib/changes/intents/plan-expiry'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { findChangePolicy } from '@/server/db/catalog/change-policies'
import type { Database } from '@/server/db/database'
import { clock } from '@/server/timing/clock'
import { createTurns } from '@/server/timing/take-turns'
import { buildChangeRequest } from '../commit/change-request'
import { countExpiryFiles, type GroupOf } from './count-files'
import type { FirstFiles } from './first-files'
import { readLateReaders } from './late-readers'
import { findOtherFolders } from './other-folders'

/** The time that a page and a commit wait. Beyond it a run counts the files. */
const COUNT_LIMIT_MS = 2_000

type Input = Omit<z.output<typeof previewExpiry.input>, keyof TableIdentifier>

/**
 * The effect of an expiry now, with the intent of its commit.
 *
 * @throws {AppError} not-supported while the table forbids it; invalid-request if a ref names one of the snapshots;
 * not-found for a snapshot that the table does not have
 */
export async function readExpiryPreview(
  { database }: { database: Database },
  catalog: CatalogClient,
  table: LoadedTable,
  { removeFilesAfterMs = DEFAULT_REMOVAL_WINDOW_MS, ...choice }: Input,
  signal: AbortSignal,
): Promise<ExpiryPreview> {
  const { metadata, identifier } = table
  const criteria = expiryCriteria(choice, database.nowMs())
  const { retention, intent } = planExpiry(metadata, toRequest(criteria), removeFilesAfterMs)
  const groupOf = groupsOf(retention)
  const counts = { main: 0, others: 0, removed: 0 }
  for (const { snapshotId } of retention.snapshots) counts[groupOf(snapshotId)] += 1
  const policy = await findChangePolicy(database, identifier)
  return {
    intent,
    criteria,
    snapshots: counts,
    timeline: expiryStrip(metadata, retention),
    refs: Object.entries(metadata.refs).map(([name, { type }]) => ({
      name,
      type,
      isRemoved: retention.expiredRefs.includes(name),
    })),
    timeTravelFromMs: timeTravelFrom(metadata, intent),
    ...(intent === null ? NOT_COUNTED : await countIfReadable(catalog, table, groupOf, signal)),
    readers: intent === null ? [] : await readLateReaders(database, identifier, new Set(intent.snapshotIds)),
    request: intent === null ? null : await buildChangeRequest(catalog, table, [intent], signal),
    requiredBy: policy && namespaceLabel(policy.namespace),
  }
}

const NOT_COUNTED = { files: null, filesProblem: null }

/** Snapshots can expire although their files cannot be read, because a count is optional. */
export async function countIfReadable(
  catalog: Pick<CatalogClient, 'purgeSupport'>,
  table: Pick<LoadedTable, 'metadata' | 'store'>,
  groupOf: GroupOf,
  signal: AbortSignal,
): Promise<Pick<ExpiryPreview, 'files' | 'filesProblem'>> {
  try {
    return { files: await countInTime(catalog, table, groupOf, { signal }), filesProblem: null }
  } catch (error) {
    if (!(error instanceof AppError) || signal.aborted) throw error
    return { files: null, filesProblem: error.message }
  }
}

/** A user's choice, with the times that result from ages. */
export function expiryCriteria(
  { maxAgeMs, olderThanMs, retainLast, snapshotIds }: Pick<Input, 'maxAgeMs' | Exclude<keyof ExpiryCriteria, 'nowMs'>>,
  nowMs: number,
): ExpiryCriteria {
  // A caller who only names snapshots does not mean others that are old enough.
  const namesOnly = snapshotIds !== undefined && retainLast === undefined
  const limitMs = olderThanMs ?? (maxAgeMs === undefined ? (namesOnly ? 0 : undefined) : nowMs - maxAgeMs)
  return {
    nowMs,
    ...(limitMs !== undefined && { olderThanMs: limitMs }),
    ...(retainLast !== undefined && { retainLast }),
    ...(snapshotIds !== undefined && { snapshotIds }),
  }
}

/** Without the fields that were not given. */
export function toRequest({ nowMs, olderThanMs, retainLast, snapshotIds }: ExpiryCriteria) {
  return {
    nowMs,
    ...(olderThanMs !== undefined && { olderThanMs }),
    ...(retainLast !== undefined && { retainLast }),
    ...(snapshotIds !== undefined && { snapshotIds }),
  }
}

/** Snapshots that only their age protects count as retained by others. */
export function groupsOf({ snapshots }: Retention): GroupOf {
  const retained = new Map(snapshots.map(({ snapshotId, retainedBy }) => [snapshotId, retainedBy]))
  return (snapshotId) => {
    const retainedBy = retained.get(snapshotId) ?? null
    return retainedBy === null ? 'removed' : retainedBy === 'main' ? 'main' : 'others'
  }
}

/** As a commit knows it, without the reasons why the others stay. */
export function groupsOfIntent({ snapshotIds }: ExpireSnapshots): GroupOf {
  const ids = new Set(snapshotIds)
  return (snapshotId) => (ids.has(snapshotId) ? 'removed' : 'others')
}

/** Null when the time that a page waits for does not suffice. */
export async function countInTime(
  catalog: Pick<CatalogClient, 'purgeSupport'>,
  table: Pick<LoadedTable, 'metadata' | 'store'>,
  groupOf: GroupOf,
  options: { signal: AbortSignal; listing?: FirstFiles },
): Promise<ExpiryFiles | null> {
  const deadline = clock.deadline(COUNT_LIMIT_MS)
  const either = AbortSignal.any([options.signal, deadline])
  try {
    const otherFolders = await findOtherFolders(catalog, table, either)
    return await countExpiryFiles(table, groupOf, {
      ...options,
      otherFolders,
      signal: either,
      takeTurns: createTurns(),
    })
  } catch (error) {
    options.signal.throwIfAborted()
    // Whatever failed then, failed because of it.
    if (deadline.aborted || (error instanceof AppError && error.code === 'cancelled')) return null
    throw error
  }
}

/** The log of `main` loses every entry up to the last expired snapshot. */
function timeTravelFrom({ snapshotLog }: TableMetadata, intent: ExpireSnapshots | null) {
  const expiredIds = new Set(intent?.snapshotIds)
  const lastGap = snapshotLog.findLastIndex(({ snapshotId }) => expiredIds.has(snapshotId))
  return {
    now: snapshotLog[0]?.timestampMs ?? null,
    after: snapshotLog[lastGap + 1]?.timestampMs ?? null,
  }
}
