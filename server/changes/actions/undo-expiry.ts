import 'server-only'
import type { ExpiryUndoPreview } from '@/lib/contract/table/expiry'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { AuditEntry } from '@/server/db/audit'
import { readAudit } from '@/server/db/audit-list'
import { findChangePolicy } from '@/server/db/catalog/change-policies'
import type { Database } from '@/server/db/database'
import { readRun, type Run } from '@/server/db/jobs/runs'
import { cancelRun } from '@/server/jobs/change-run'
import { buildWireRun } from '@/server/jobs/run-view'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import { commitAuditEntry, plannedCommitEntry } from '@/server/table/commit/commit-audit-entry'
import { findUndoProblem } from '@/server/table/expiry/undo-problem'
import type { NothingReviewed, ProposableAction } from '../pipeline/action'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'
import type { Attempt } from '../pipeline/attempt'
import { reviewPlan } from '../pipeline/review-problem'
import { refuseNewName } from './rename-table'

type UndoExpiry = {
  auditId: string
  /** For a catalog that registers. */
  newName: string | undefined
}

/**
 * Cancels the removal of the files first, so that they stay whatever happens next. Then the embedded catalog restores
 * the earlier metadata as the next version of the table; another catalog registers it as a table with a new name.
 *
 * @throws {AppError} not-supported when it can no longer be undone; version-conflict when the removal has begun, or the
 * table got a commit in the meantime; and as `carryOut` does
 */
export const undoExpiryAction: ProposableAction<
  ChangeServices,
  TableIdentifier,
  UndoExpiry,
  NothingReviewed,
  { table: LoadedTable },
  ExpiryUndoPreview
> = {
  kind: 'undo-expiry',
  isHeld: true,
  toReviewed: () => ({}),
  async review({ services: { database }, catalog, actor, signal }, on, { auditId, newName }) {
    const table = await catalog.loadTable(on, { signal })
    return reviewPlan(
      () => readExpiry(database, table, auditId),
      async (entry) => {
        const { snapshotCount } = requireExpiry(entry)
        const problem = await findUndoProblem(database, catalog, table, entry, signal)
        return {
          problem:
            problem === null
              ? await findTargetProblem(catalog, on, newName, { actor, signal })
              : cannotUndoError(problem.text),
          async show() {
            const run = await readRemoval(database, entry)
            const policy = await findChangePolicy(database, on)
            return {
              method: catalog.restoresMetadata ? 'restore' : 'register',
              problem: problem?.text ?? null,
              snapshotCount,
              metadataLocation: entry.before?.metadataLocation ?? '',
              removal: run && (await buildWireRun(database, run, actor)),
              requiredBy: policy && namespaceLabel(policy.namespace),
            }
          },
        }
      },
    )
  },
  permissions: (on, { newName }) => [
    { permission: 'table:maintain', resource: on },
    // The new table is another resource, like that of a rename.
    ...(newName === undefined
      ? []
      : [{ permission: 'table:write', resource: { ...on, table: newName }, isNew: true } as const]),
  ],
  async commit(attempt, on, { auditId, newName }) {
    const { catalog, signal, services, request } = attempt
    const { database } = services
    const table = await attempt.loadTable(on)
    const entry = await readExpiry(database, table, auditId)
    requireExpiry(entry)
    attempt.requireSame(table.metadata.tableUuid)
    const problem = await findUndoProblem(database, catalog, table, entry, signal)
    if (problem !== null) throw cannotUndoError(problem.text)
    const target = catalog.restoresMetadata ? on : { ...on, table: requireNewName(newName) }
    await cancelRemoval(database, entry, request)
    try {
      return { table: await putBack(attempt, { table, entry, target }) }
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.code === 'commit-state-unknown') throw cause
      const note = entry.after?.expiry?.removal ? ' The removal of its files is cancelled, so they stay.' : ''
      throw new AppError(cause.code, `${cause.message}${note}`, { cause, facts: cause.facts })
    }
  },
  repeat: async ({ catalog, signal }, on, { newName }) => ({
    table: await catalog.loadTable({ ...on, ...(newName !== undefined && { table: newName }) }, { signal }),
  }),
}

function cannotUndoError(problem: string): AppError {
  return new AppError('not-supported', `The expiry cannot be undone. ${problem}`)
}

/** Why the snapshots cannot be put back under the new name, or without one; null if no reason is known. */
async function findTargetProblem(
  catalog: CatalogClient,
  on: TableIdentifier,
  newName: string | undefined,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<AppError | null> {
  const invalid = (message: string) => new AppError('invalid-request', message)
  if (newName === undefined)
    return catalog.restoresMetadata ? null : invalid('Choose a name for the table with the snapshots from before.')
  const to = { ...on, table: newName }
  // Before anything is looked up there: the name may be one that the user does not see.
  const refusal = refuseNewName(actor, 'table', to)
  if (refusal !== null) return refusal
  if (catalog.restoresMetadata)
    return invalid(`${catalog.name} restores the snapshots in the table itself, so no new name is needed.`)
  const problem = await findNameProblem(catalog, 'table', to, signal)
  return problem === null ? null : invalid(problem)
}

async function putBack(
  attempt: Attempt<ChangeServices>,
  { table, entry, target }: { table: LoadedTable; entry: AuditEntry; target: TableIdentifier },
): Promise<LoadedTable> {
  const { catalog, actor, request } = attempt
  const { identifier, metadata, metadataLocation: expectedLocation } = table
  const audited = {
    actor,
    action: 'undo',
    requestId: request.requestId,
    undoes: entry.id,
    hasEarlierSnapshots: true,
  }
  const earlierLocation = entry.before?.metadataLocation ?? ''
  if (catalog.restoresMetadata)
    return catalog.write(
      { kind: 'restore-metadata', table: identifier, expectedLocation, earlierLocation },
      attempt.recordedCommit({
        known: plannedCommitEntry(identifier, audited),
        toEntry: (committed) => commitAuditEntry(committed, audited),
      }),
    )
  const known = attempt.entry({
    action: 'undo',
    undoes: entry.id,
    table: target,
    tableUuid: metadata.tableUuid,
    after: { metadataLocation: earlierLocation },
  })
  return catalog.write(
    { kind: 'register-table', table: target, metadataLocation: earlierLocation },
    attempt.recorded({ known }),
  )
}

/** @throws {AppError} version-conflict when it has begun */
async function cancelRemoval(
  database: Database,
  entry: AuditEntry,
  { actor, requestId }: Pick<ChangeRequest, 'actor' | 'requestId'>,
): Promise<void> {
  const run = await readRemoval(database, entry)
  if (run === null || run.finishedAtMs !== null) return
  const cancelled = await cancelRun(database, run.id, { actor, requestId })
  // A run that was started meanwhile ends when its worker reads the request, and may remove files until then.
  if (cancelled.state === 'cancelled') return
  throw new AppError(
    'version-conflict',
    'The removal of the files has begun, so the expiry cannot be undone. The removal is being cancelled.',
  )
}

async function readRemoval(database: Database, { after }: AuditEntry): Promise<Run | null> {
  const removal = after?.expiry?.removal ?? null
  return removal && (await readRun(database, removal.runId))
}

/** @throws {AppError} not-found */
async function readExpiry(database: Database, { metadata }: LoadedTable, auditId: string): Promise<AuditEntry> {
  const entry = await readAudit(database, auditId)
  if (entry && entry.tableUuid === metadata.tableUuid) return entry
  throw new AppError('not-found', 'There is no such entry in the history of this table.', { facts: { auditId } })
}

function requireExpiry({ after }: AuditEntry) {
  if (after?.expiry) return after.expiry
  throw new AppError('not-supported', 'This entry of the history is not an expiry.')
}

function requireNewName(newName: string | undefined): string {
  if (newName !== undefined && newName.trim() !== '') return newName
  throw new AppError('invalid-request', 'Choose a name for the table with the snapshots from before.')
}
