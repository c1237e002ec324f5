import 'server-only'
import type { ExpiryUndoPreview } from '@/lib/contract/table/expiry'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, requirePermission } from '@/server/auth/actor'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'
import { type AuditEntry, auditChange, newAuditId } from '@/server/db/audit'
import { readAudit } from '@/server/db/audit-list'
import { findChangePolicy } from '@/server/db/catalog/change-policies'
import type { Proposal } from '@/server/db/catalog/proposals'
import type { Database } from '@/server/db/database'
import { readRun, type Run } from '@/server/db/jobs/runs'
import { cancelRun } from '@/server/jobs/change-run'
import { buildWireRun } from '@/server/jobs/run-view'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import type { TableServices } from '@/server/table/table-services'
import { commitAuditEntry } from '../commit/commit-audit-entry'
import { requireProposalIfDemanded, requireSameUuid } from '@/server/policy/demanded-proposal'
import { commitEntry, proposalAfter } from '@/server/policy/entry-commit'
import { findUndoProblem } from './undo-problem'

type UndoServices = Pick<TableServices, 'catalogs' | 'database'>
type UndoContext = {
  actor: Actor
  signal: AbortSignal
  requestId: string | null
  /** What is carried out; absent: a user acts alone. */
  proposal?: Proposal | undefined
}

/** What {@link undoExpiry} would do. @throws {AppError} not-found when the table has no such entry */
export async function readExpiryUndo(
  services: UndoServices,
  identifier: TableIdentifier,
  auditId: string,
  { actor, signal }: Pick<UndoContext, 'actor' | 'signal'>,
): Promise<ExpiryUndoPreview> {
  const { database } = services
  const { catalog, table, entry } = await loadExpiry(services, identifier, auditId, { actor, signal })
  const expiry = requireExpiry(entry)
  const run = await readRemoval(database, entry)
  const policy = await findChangePolicy(database, identifier)
  return {
    way: catalog.restoreMetadata ? 'restore' : 'register',
    problem: await findUndoProblem(database, catalog, table, entry, signal),
    snapshotCount: expiry.snapshotCount,
    metadataLocation: entry.before?.metadataLocation ?? '',
    removal: run && (await buildWireRun(database, run, actor)),
    demandedBy: policy && namespaceLabel(policy.namespace),
  }
}

/**
 * Cancels the removal of the files first, so that they stay whatever happens next. Then the embedded catalog puts the
 * metadata from before back as the next version of the table; another one registers it as a table of a new name.
 *
 * @param newName for a catalog that registers
 * @throws {AppError} not-supported when it cannot be undone any more; version-conflict when the removal has begun, or
 *   the table was committed to meanwhile; forbidden in a namespace where changes need two people and no other user
 *   proposed it
 */
export async function undoExpiry(
  services: UndoServices,
  identifier: TableIdentifier,
  { auditId, newName }: { auditId: string; newName: string | undefined },
  context: UndoContext,
): Promise<{ auditId: string; table: LoadedTable }> {
  const { database } = services
  const { actor, signal, proposal } = context
  requirePermission(actor, 'table:maintain', identifier)
  const { catalog, table, entry } = await loadExpiry(services, identifier, auditId, context)
  requireExpiry(entry)
  requireSameUuid(proposal, table?.metadata.tableUuid)
  await requireProposalIfDemanded(database, identifier, proposal, actor)
  const problem = await findUndoProblem(database, catalog, table, entry, signal)
  if (problem !== null) throw new AppError('not-supported', `The expiry cannot be undone. ${problem}`)
  const target = catalog.restoreMetadata ? identifier : { ...identifier, table: requireNewName(newName) }
  await cancelRemoval(database, entry, context)
  try {
    return await putBack(database, catalog, { table, entry, target }, context)
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code === 'commit-state-unknown') throw cause
    const kept = entry.after?.expiry?.removal ? ' The removal of its files is cancelled, so they stay.' : ''
    throw new AppError(cause.code, `${cause.message}${kept}`, { cause, facts: cause.facts })
  }
}

/**
 * What carrying out a proposed undo of an expiry would throw now.
 *
 * @throws {AppError} not-supported when it cannot be undone any more; invalid-request for a name that it cannot have;
 *   forbidden when the user may not propose under the new name
 */
export async function requireExpiryUndoFits(
  services: UndoServices,
  identifier: TableIdentifier,
  { auditId, newName }: { auditId: string; newName: string | null },
  { actor, signal }: Pick<UndoContext, 'actor' | 'signal'>,
): Promise<void> {
  // Before anything is looked up there: the name may be one that the user does not see.
  const to = newName === null ? null : { ...identifier, table: newName }
  if (to) requirePermission(actor, 'table:propose', to, { isNew: true })
  const { catalog, table, entry } = await loadExpiry(services, identifier, auditId, { actor, signal })
  requireExpiry(entry)
  const problem = await findUndoProblem(services.database, catalog, table, entry, signal)
  if (problem !== null) throw new AppError('not-supported', `The expiry cannot be undone. ${problem}`)
  if ((to === null) === (catalog.restoreMetadata === undefined))
    throw new AppError(
      'invalid-request',
      to === null
        ? 'Choose a name for the table with the snapshots from before.'
        : `${catalog.name} puts the snapshots back into the table itself, so no new name is needed.`,
    )
  const nameProblem = to && (await findNameProblem(catalog, 'table', to, signal))
  if (nameProblem) throw new AppError('invalid-request', nameProblem)
}

async function putBack(
  database: Database,
  catalog: CatalogClient,
  { table, entry, target }: { table: LoadedTable; entry: AuditEntry; target: TableIdentifier },
  { actor, signal, requestId, proposal }: UndoContext,
): Promise<{ auditId: string; table: LoadedTable }> {
  const undoId = newAuditId()
  const audited = { actor, action: 'undo', requestId, undoes: entry.id }
  const commit = { database, catalog, entry: table.identifier, actor, proposal, auditId: undoId }
  const earlierLocation = entry.before?.metadataLocation ?? ''
  if (catalog.restoreMetadata) {
    const { metadataLocation: expectedLocation, identifier } = table
    const { restoreMetadata } = catalog
    const restored = await commitEntry(commit, ({ rows }) =>
      restoreMetadata(
        identifier,
        { expectedLocation, earlierLocation },
        {
          signal,
          alongside: (committed) => [
            ...rows,
            auditChange(commitAuditEntry(committed, { ...audited, ...proposalAfter(proposal) }), { id: undoId }),
          ],
        },
      ),
    )
    return { auditId: undoId, table: restored }
  }
  const { tableUuid } = table.metadata
  const undone = {
    ...audited,
    via: actor.via ?? null,
    table: target,
    tableUuid,
    after: { metadataLocation: earlierLocation, ...proposalAfter(proposal) },
  }
  const registered = await commitEntry(commit, ({ rows, ...claim }) =>
    catalog.registerTable(target, earlierLocation, {
      signal,
      plan: { auditId: undoId, entry: undone, ...claim },
      alongside: () => [...rows, auditChange(undone, { id: undoId })],
    }),
  )
  return { auditId: undoId, table: registered }
}

/** @throws {AppError} version-conflict when it has begun */
async function cancelRemoval(
  database: Database,
  entry: AuditEntry,
  { actor, requestId }: Pick<UndoContext, 'actor' | 'requestId'>,
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

async function loadExpiry(
  { catalogs, database }: UndoServices,
  identifier: TableIdentifier,
  auditId: string,
  { actor, signal }: Pick<UndoContext, 'actor' | 'signal'>,
): Promise<{ catalog: CatalogClient; table: LoadedTable; entry: AuditEntry }> {
  const catalog = await catalogs.open(identifier.catalog, actor)
  const table = await catalog.loadTable(identifier, { signal })
  const entry = await readAudit(database, auditId)
  if (entry && entry.tableUuid === table.metadata.tableUuid) return { catalog, table, entry }
  throw new AppError('not-found', 'There is no such entry in the history of this table.', { facts: { auditId } })
}

function requireExpiry({ after }: AuditEntry) {
  if (after?.expiry) return after.expiry
  throw new AppError('not-supported', 'This entry of the history is no expiry.')
}

function requireNewName(newName: string | undefined): string {
  if (newName !== undefined && newName.trim() !== '') return newName
  throw new AppError('invalid-request', 'Choose a name for the table with the snapshots from before.')
}
