import 'server-only'
import { renameStatements } from '@/lib/connect/table-lifecycle-statements'
import type { TableRenameReview } from '@/lib/contract/lifecycle/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { isPermitted } from '@/server/auth/actor'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import { requireAbility } from '@/server/catalog/require-ability'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import { findCaseWarnings } from '@/server/search/names-of-other-case'
import type { Services } from '@/server/services'
import { protectionProblem, requireUnprotected } from '@/server/table/protection'
import { loadIfReadable } from '@/server/catalog/load-if-readable'
import type { Action } from '../pipeline/action'
import type { ChangeRequest, ChangeServices } from '../pipeline/change-request'
import { type CarriedOut, carryOut } from '../pipeline/carry-out'

/** How a table is renamed, and whether the catalog would refuse. Changes nothing. */
export async function reviewRename(
  services: Pick<Services, 'catalogs' | 'database'>,
  from: TableIdentifier,
  to: TableIdentifier,
  { actor, signal }: Pick<ChangeRequest, 'actor' | 'signal'>,
): Promise<TableRenameReview> {
  const catalog = await services.catalogs.open(from.catalog, actor)
  await requireAbility(catalog, 'rename-table', signal)
  const { table } = await loadIfReadable(catalog, from, signal)
  const tablePath = await catalog.commitPath(from, { signal })
  const toName = ({ namespace, table }: TableIdentifier) => ({ namespace, name: table })
  const renameProblem = table && protectionProblem(table)
  return {
    request: {
      method: 'POST',
      // The names are percent-encoded, so none of them contains a slash.
      path: `${tablePath.slice(0, tablePath.lastIndexOf('/namespaces/'))}/tables/rename`,
      body: JSON.stringify({ source: toName(from), destination: toName(to) }, null, 2),
    },
    statements: renameStatements(from, to),
    // A user who may not take the name can still propose it.
    nameProblem: isPermitted(actor, 'table:propose', to)
      ? (renameProblem ?? (await findNameProblem(catalog, 'table', to, signal)))
      : 'You may not create tables under this name.',
    renameProblem,
    warnings: await findCaseWarnings(services, actor, to, from),
  }
}

const renameTableAction: Action<ChangeServices, TableIdentifier, { to: TableIdentifier }, object> = {
  kind: 'rename-table',
  isHeld: true,
  permissions: (_, { to }) => [{ permission: 'table:write', resource: to, isNew: true }],
  ability: () => 'rename-table',
  async commit(attempt, from, { to }) {
    const { catalog, signal } = attempt
    const { table } = await loadIfReadable(catalog, from, signal)
    attempt.requireSame(table?.metadata.tableUuid)
    if (table !== null) requireUnprotected(table)
    const toEntry = ({ metadataLocation }: { metadataLocation: string | null }) =>
      attempt.entry({
        action: 'rename-table',
        table: to,
        tableUuid: table?.metadata.tableUuid ?? null,
        before: { metadataLocation, name: qualifiedName(from) },
        after: { metadataLocation, name: qualifiedName(to) },
      })
    const recorded = attempt.recorded({
      known: toEntry({ metadataLocation: table?.metadataLocation ?? null }),
      toEntry,
      alongside: () => (table === null ? [] : [moveProposalsChange(table.metadata.tableUuid, from.catalog, to)]),
    })
    await catalog.write({ kind: 'rename-table', table: from, to }, recorded)
    return {}
  },
  repeat: async () => ({}),
}

/**
 * Renames a table or moves it to another namespace. Its files and its location stay.
 *
 * @throws {AppError} not-found for the table or the new namespace; already-exists when a table or view has the name;
 *   invalid-request when the table is protected; and as `carryOut` does
 */
export function renameTable(
  services: ChangeServices,
  from: TableIdentifier,
  to: TableIdentifier,
  request: ChangeRequest,
): Promise<CarriedOut<object>> {
  return carryOut(services, renameTableAction, { on: from, input: { to } }, request)
}

/** As the audit has it. */
export function qualifiedName({ namespace, table }: TableIdentifier): string {
  return [...namespace, table].join('.')
}
