import 'server-only'
import type { ProposedAction, ReviewedAction } from '@/lib/contract/shapes/proposed-action'
import { AppError } from '@/lib/errors'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { requirePermission } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import { requireAbility } from '@/server/catalog/require-ability'
import type { Services } from '@/server/services'
import { requireUnprotected } from '@/server/table/protection'
import { dropTable } from '@/server/lifecycle/drop-table'
import type { LifecycleContext } from '@/server/lifecycle/lifecycle-audit'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import { findPurgeProblem } from '@/server/lifecycle/purge-problem'
import { renameTable } from '@/server/lifecycle/rename-table'

/** A rename or a drop of a table that one user proposes and another one carries out. */
export type EntryAction = Extract<ProposedAction, { kind: 'rename' | 'drop' }>

export function isEntryAction(action: ProposedAction): action is EntryAction {
  return action.kind === 'rename' || action.kind === 'drop'
}

/** @throws {AppError} forbidden, not-supported, invalid-request: what carrying it out would throw now */
export async function requireEntryActionFits(
  services: Pick<Services, 'catalogs' | 'database'>,
  table: LoadedTable,
  action: EntryAction,
  { actor, signal }: Pick<LifecycleContext, 'actor' | 'signal'>,
): Promise<void> {
  const { identifier } = table
  // Before anything is looked up there: the name may be where the user sees nothing.
  const to = action.kind === 'rename' ? newName(identifier, action) : null
  if (to) requirePermission(actor, 'table:propose', to, { isNew: true })
  const catalog = await services.catalogs.open(identifier.catalog, actor)
  if (to) {
    await requireAbility(catalog, 'rename-table', signal)
    requireUnprotected(table)
    if (isSameTable(identifier, to)) throw new AppError('invalid-request', 'The table has this name already.')
    const problem = await findNameProblem(catalog, 'table', to, signal)
    if (problem !== null) throw new AppError('invalid-request', problem)
    return
  }
  const isPurge = action.kind === 'drop' && action.isPurge
  await requireAbility(catalog, isPurge ? 'purge-table' : 'drop-table', signal)
  requireUnprotected(table)
  const problem = isPurge ? await findPurgeProblem(services, { catalog, identifier, table }, { actor, signal }) : null
  if (problem !== null) throw new AppError('invalid-request', problem)
}

/**
 * @param reviewed of a drop: the version of the table that the user saw
 * @returns the id of the audit entry, and the metadata that the table has or had
 * @throws {AppError} invalid-request when `reviewed` is not of this action; version-conflict when the table has changed since
 */
export async function commitEntryAction(
  services: Pick<Services, 'catalogs' | 'config' | 'database'>,
  table: LoadedTable,
  action: EntryAction,
  reviewed: ReviewedAction | undefined,
  { confirmedName = '', ...context }: LifecycleContext & { confirmedName?: string | undefined },
): Promise<{ auditId: string; metadataLocation: string }> {
  const { identifier, metadataLocation } = table
  if (action.kind === 'rename') {
    const { auditId } = await renameTable(services, identifier, newName(identifier, action), context)
    return { auditId, metadataLocation }
  }
  if (reviewed?.kind !== 'drop')
    throw new AppError(
      'invalid-request',
      'A proposed drop is carried out with what was reviewed: `reviewed` of the kind drop. Nothing was changed.',
    )
  const seen = { isPurge: action.isPurge, metadataLocation: reviewed.metadataLocation, confirmedName }
  const { auditId } = await dropTable(services, identifier, seen, context)
  return { auditId, metadataLocation: reviewed.metadataLocation }
}

function newName({ catalog }: TableIdentifier, action: Extract<EntryAction, { kind: 'rename' }>): TableIdentifier {
  return { catalog, namespace: action.toNamespace, table: action.toTable }
}
