import 'server-only'
import { AppError } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import type { TableChange } from '@/lib/iceberg/table-update'
import type { LoadedTable } from '../catalog-client'
import { isAfterLostTry, outcomeUnknown } from './rest-errors'
import { loadTable, type TableParts } from './rest-tables'
import { showsUpdates } from './shows-updates'

/**
 * What became of a commit whose answer was lost (`commit-safety`, *Cleanup rule*): the table is looked at until it
 * shows the commit. One that does not show it proves nothing, the request may still be on its way; so a commit is
 * never called undone here, and no file is removed.
 */

/** Before each look. Iceberg's `commit.status-check` waits so at first, and as often. */
export const LOOKS_AFTER_MS = [0, 1_000, 4_000]

/** One table's part of a commit: what is there, and what is sent on top of it. */
export type Sent = { ref: TableRef; before: LoadedTable | null; change: TableChange }

/**
 * @returns the tables as they are, when all show the commit
 * @throws {AppError} `unknown` when one does not
 */
export async function reconciled(parts: TableParts, sent: readonly Sent[], unknown: AppError): Promise<LoadedTable[]> {
  const { session } = parts
  session.log.warning('the outcome of a commit is unknown; looking it up', {
    catalog: session.name,
    reason: causeOf(unknown),
  })
  for (const afterMs of LOOKS_AFTER_MS) {
    await session.pause(afterMs)
    const seen = await lookAt(parts, sent)
    if (seen !== null) return seen
  }
  throw new AppError('commit-state-unknown', unknown.message, {
    cause: unknown,
    facts: { ...unknown.facts, metadataLocation: sent[0]?.before?.metadataLocation ?? null },
  })
}

/**
 * Looks at what is there after a commit was refused. Who cannot look knows no more than the refusal says, and that is
 * not enough where an earlier try may have arrived.
 *
 * @param refusal null when nothing was sent yet
 * @throws {AppError} `refusal` when the look fails, or commit-state-unknown when an earlier try may have arrived
 */
export async function afterRefusal<Seen>(refusal: AppError | null, look: () => Promise<Seen>): Promise<Seen> {
  try {
    return await look()
  } catch (cause) {
    if (refusal === null) throw cause
    if (isAfterLostTry(refusal)) throw outcomeUnknown({ cause, facts: refusal.facts })
    throw cause instanceof AppError ? refusal : cause
  }
}

/**
 * What was refused for good may be the second of two that arrived. Its files are about to be removed, so the tables are
 * looked at for its snapshots, which only it can have brought.
 *
 * @returns the tables as they are, when they show it
 * @throws {AppError} as {@link afterRefusal} and {@link haveItsSnapshots}
 */
export async function arrivedBefore(
  parts: TableParts,
  sent: readonly Sent[],
  refusal: AppError,
): Promise<LoadedTable[] | null> {
  const isTelling = sent.some(({ change }) => snapshotsOf(change).length > 0)
  if (!isTelling) return null
  const now: LoadedTable[] = []
  for (const { ref } of sent) now.push(await afterRefusal(refusal, () => loadTable(parts, ref)))
  return haveItsSnapshots(now, sent) ? now : null
}

/** Null when a table does not show the commit, or cannot be seen. */
async function lookAt(parts: TableParts, sent: readonly Sent[]): Promise<LoadedTable[] | null> {
  const seen: LoadedTable[] = []
  for (const one of sent) {
    try {
      const now = await loadTable(parts, one.ref)
      if (!showsCommit(now, one)) return null
      seen.push(now)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      parts.session.log.warning('a table whose commit is unknown cannot be seen', {
        catalog: parts.session.name,
        code: error.code,
      })
      return null
    }
  }
  return seen
}

/**
 * A new snapshot is ours by its id. Without one, the version we replaced must have become history, and the table must
 * look as the commit leaves it.
 */
function showsCommit(now: LoadedTable, { before, change }: Sent): boolean {
  const { updates } = change
  if (before === null) {
    return updates.some(({ action }) => action === 'assign-uuid') && showsUpdates(now.metadata, updates)
  }
  if (now.metadata.tableUuid !== before.metadata.tableUuid) return false
  if (snapshotsOf(change).length > 0) return hasItsSnapshots(now, change)
  const isContinued = now.metadata.metadataLog.some(({ metadataFile }) => metadataFile === before.metadataLocation)
  return isContinued && showsUpdates(now.metadata, updates)
}

/**
 * Whether tables show the snapshots of a commit, which only it can have brought. Those that it adds none to are not
 * asked: all of it happened or nothing.
 *
 * @param now the tables as they are, in the order of `sent`
 * @throws {AppError} commit-state-unknown when only some show theirs
 */
export function haveItsSnapshots(now: readonly (LoadedTable | null)[], sent: readonly Sent[]): boolean {
  const shown = sent.flatMap(({ change }, i) =>
    snapshotsOf(change).length > 0 ? [now[i] ? hasItsSnapshots(now[i], change) : false] : [],
  )
  if (shown.includes(true) && shown.includes(false)) throw outcomeUnknown({})
  return shown.includes(true)
}

function hasItsSnapshots({ metadata }: LoadedTable, change: TableChange): boolean {
  return snapshotsOf(change).every((id) => metadata.snapshots.some(({ snapshotId }) => snapshotId === id))
}

function snapshotsOf({ updates }: TableChange): string[] {
  return updates.flatMap((update) => (update.action === 'add-snapshot' ? [update.snapshot.snapshotId] : []))
}

function causeOf({ cause, facts }: AppError): string {
  return String(facts['reason'] ?? facts['status'] ?? (cause instanceof Error ? cause.name : 'none'))
}
