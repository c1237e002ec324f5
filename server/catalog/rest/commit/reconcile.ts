import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { CommitEvidence } from '@/server/db/catalog/write-evidence'
import { isAfterLostAttempt, outcomeUnknownError } from '../http/errors'
import { loadTable } from '../tables'
import type { RestDeps } from '../rest-deps'
import { showsUpdates } from './shows-updates'

/**
 * Finds out what happened to a commit whose response was lost (`docs/commit-safety.md`): it loads the table
 * until the table shows the commit. A table that does not show it proves nothing, because the request may still be on
 * its way. So this module never reports a commit as failed, and no file is removed.
 */

/** Delays before each check. Iceberg's `commit.status-check` starts with the same delays and number of checks. */
export const STATUS_CHECK_DELAYS_MS = [0, 1_000, 4_000]

/** One table's part of a commit: the version it is based on, and the change that is sent. */
export type SentCommit = { identifier: TableIdentifier; before: LoadedTable | null; change: TableChange }

/**
 * @returns the current tables, when all show the commit
 * @throws {AppError} `unknown` when one does not
 */
export async function reconcile(
  deps: RestDeps,
  sent: readonly SentCommit[],
  unknown: AppError,
): Promise<LoadedTable[]> {
  const { session } = deps
  session.log.warning('the outcome of a commit is unknown; looking it up', {
    catalog: session.name,
    reason: describeCause(unknown),
  })
  for (const delayMs of STATUS_CHECK_DELAYS_MS) {
    await session.pause(delayMs)
    const tables = await loadCommitted(deps, sent)
    if (tables !== null) return tables
  }
  throw new AppError('commit-state-unknown', unknown.message, {
    cause: unknown,
    facts: { ...unknown.facts, metadataLocation: sent[0]?.before?.metadataLocation ?? null },
  })
}

/**
 * Loads the current state after a commit was refused. If the load fails, only the refusal is known, and that is not
 * enough when an earlier attempt may have arrived.
 *
 * @param rejection null when no commit was sent yet
 * @throws {AppError} `rejection` when the load fails, or commit-state-unknown when an earlier attempt may have arrived
 */
export async function loadAfterRejection<Result>(
  rejection: AppError | null,
  load: () => Promise<Result>,
): Promise<Result> {
  try {
    return await load()
  } catch (cause) {
    if (rejection === null) throw cause
    if (isAfterLostAttempt(rejection)) throw outcomeUnknownError({ cause, facts: rejection.facts })
    throw cause instanceof AppError ? rejection : cause
  }
}

/**
 * A commit that was refused for good may have arrived twice, and the first time may have succeeded. Its files are about
 * to be removed, so this looks for its snapshots in the tables, which only this commit can have added.
 *
 * @returns the current tables, when they show the commit
 * @throws {AppError} as {@link loadAfterRejection} and {@link showsOwnSnapshots}
 */
export async function findAlreadyCommitted(
  deps: RestDeps,
  sent: readonly SentCommit[],
  rejection: AppError,
): Promise<LoadedTable[] | null> {
  const hasSnapshots = sent.some(({ change }) => snapshotsOf(change).length > 0)
  if (!hasSnapshots) return null
  const tables: LoadedTable[] = []
  for (const { identifier } of sent) tables.push(await loadAfterRejection(rejection, () => loadTable(deps, identifier)))
  return showsOwnSnapshots(tables, sent) ? tables : null
}

/** Returns null when a table does not show the commit or cannot be loaded. */
async function loadCommitted(deps: RestDeps, sent: readonly SentCommit[]): Promise<LoadedTable[] | null> {
  const tables: LoadedTable[] = []
  for (const one of sent) {
    try {
      const now = await loadTable(deps, one.identifier)
      if (!showsCommit(now, toBase(one.before), one.change)) return null
      tables.push(now)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      deps.session.log.warning('a table with an unknown commit outcome cannot be loaded', {
        catalog: deps.session.name,
        code: error.code,
      })
      return null
    }
  }
  return tables
}

/** The version that a commit replaces. */
export function toBase(before: LoadedTable | null): CommitEvidence['base'] {
  return before && { metadataLocation: before.metadataLocation, tableUuid: before.metadata.tableUuid }
}

/**
 * A commit with a new snapshot is recognised by the snapshot id. Without one, the metadata log must contain the version
 * that the commit replaced, and the table must look as the commit leaves it.
 */
export function showsCommit(now: LoadedTable, base: CommitEvidence['base'], change: TableChange): boolean {
  const { updates } = change
  if (base === null) {
    return updates.some(({ action }) => action === 'assign-uuid') && showsUpdates(now.metadata, updates)
  }
  if (now.metadata.tableUuid !== base.tableUuid) return false
  if (snapshotsOf(change).length > 0) return hasSnapshotsOf(now, change)
  const isContinued = now.metadata.metadataLog.some(({ metadataFile }) => metadataFile === base.metadataLocation)
  return isContinued && showsUpdates(now.metadata, updates)
}

/**
 * Whether tables show the snapshots of a commit, which only this commit can have added. Tables without a new snapshot
 * do not matter, because the commit is all or nothing.
 *
 * @param now the current tables, in the order of `sent`
 * @throws {AppError} commit-state-unknown when only some tables show their snapshots
 */
export function showsOwnSnapshots(now: readonly (LoadedTable | null)[], sent: readonly SentCommit[]): boolean {
  const shown = sent.flatMap(({ change }, i) =>
    snapshotsOf(change).length > 0 ? [now[i] ? hasSnapshotsOf(now[i], change) : false] : [],
  )
  if (shown.includes(true) && shown.includes(false)) throw outcomeUnknownError({})
  return shown.includes(true)
}

function hasSnapshotsOf({ metadata }: LoadedTable, change: TableChange): boolean {
  return snapshotsOf(change).every((id) => metadata.snapshots.some(({ snapshotId }) => snapshotId === id))
}

export function snapshotsOf({ updates }: TableChange): string[] {
  return updates.flatMap((update) => (update.action === 'add-snapshot' ? [update.snapshot.snapshotId] : []))
}

function describeCause({ cause, facts }: AppError): string {
  return String(facts['reason'] ?? facts['status'] ?? (cause instanceof Error ? cause.name : 'none'))
}
