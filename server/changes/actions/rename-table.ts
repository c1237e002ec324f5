import 'server-only'
import { renameStatements } from '@/lib/connect/table-lifecycle-statements'
import type { TableRenameReview } from '@/lib/contract/lifecycle/tables'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, isPermitted } from '@/server/auth/actor'
import { RefusedPermission } from '@/server/auth/refused-permission'
import { findNameProblem } from '@/server/catalog/find-name-problem'
import type { UseServices } from '@/server/search/known-texts'
import { findCaseWarnings } from '@/server/search/names-of-other-case'
import { readTableUses } from '@/server/search/table-uses'
import { type Protectable, protectionProblem } from '@/server/table/protection'
import { readTableClients } from '@/server/table/table-clients'
import { loadIfReadable } from '@/server/catalog/load-if-readable'
import type { NothingReviewed, ProposableAction, Reviewing } from '../pipeline/action'
import type { ChangeServices } from '../pipeline/change-request'
import { requireNameOfUsed } from '../pipeline/require-name-of-used'
import { releaseName } from './release-name'

/** Those that find out what uses the entry. */
export type RenameServices = UseServices
type Rename = { to: TableIdentifier }

/**
 * Renames a table or moves it to another namespace. Its files and its location stay. If anything is known to use it, the
 * name has to be typed.
 *
 * @throws {AppError} not-found for the table or the new namespace; already-exists when a table or view has the name;
 *   invalid-request when the table is protected, or the name was not confirmed; and as `carryOut` does
 */
export const renameTableAction: ProposableAction<
  RenameServices,
  TableIdentifier,
  Rename,
  NothingReviewed,
  object,
  TableRenameReview
> = {
  kind: 'rename-table',
  isHeld: true,
  permissions: (_, { to }) => [{ permission: 'table:write', resource: to, isNew: true }],
  ability: () => 'rename-table',
  toReviewed: () => ({}),
  async review(reviewing, from, { to }) {
    const { catalog, signal } = reviewing
    const { table } = await loadIfReadable(catalog, from, signal)
    const found = await reviewNewName(reviewing, { kind: 'table', entry: table, from, to })
    return {
      problem: found.problem,
      async show() {
        const tablePath = await catalog.commitPath(from, { signal })
        // The names are percent-encoded, so none of them contains a slash.
        const path = `${tablePath.slice(0, tablePath.lastIndexOf('/namespaces/'))}/tables/rename`
        return { ...(await found.show(path)), statements: renameStatements(from, to) }
      },
    }
  },
  async commit(attempt, from, { to }) {
    const { catalog, signal } = attempt
    const { table } = await loadIfReadable(catalog, from, signal)
    const recorded = releaseName(attempt, { action: 'rename-table', entry: table, from, to })
    const { services } = attempt
    await requireNameOfUsed(
      attempt,
      from,
      table &&
        (async () => ({
          uses: await readTableUses(services, table, attempt),
          clients: await readTableClients(services.database, table.metadata, {
            isRecorded: catalog.kind === 'embedded',
          }),
        })),
    )
    await catalog.write({ kind: 'rename-table', table: from, to }, recorded)
    return {}
  },
  repeat: async () => ({}),
}

/** The review of a new name, of a table or of a view as the table of its name. */
export async function reviewNewName(
  { services, catalog, actor, signal }: Reviewing<ChangeServices>,
  {
    kind,
    entry,
    from,
    to,
  }: { kind: 'table' | 'view'; entry: Protectable | null; from: TableIdentifier; to: TableIdentifier },
) {
  const toName = ({ namespace, table }: TableIdentifier) => ({ namespace, name: table })
  const renameProblem = entry && protectionProblem(entry, kind)
  // Before anything is looked up there: the name may be where the user sees nothing.
  const refusal = refuseNewName(actor, kind, to)
  const problem = refusal === null ? (renameProblem ?? (await findNameProblem(catalog, kind, to, signal))) : null
  return {
    problem: refusal ?? (problem === null ? null : new AppError('invalid-request', problem)),
    show: async (path: string) => ({
      request: {
        method: 'POST' as const,
        path,
        body: JSON.stringify({ source: toName(from), destination: toName(to) }, null, 2),
      },
      nameProblem: refusal?.message ?? problem,
      renameProblem,
      warnings: await findCaseWarnings(services, actor, to, from),
    }),
  }
}

/** Why the actor may not take the name; null if they may, or may propose it. */
export function refuseNewName(actor: Actor, kind: 'table' | 'view', on: TableIdentifier): RefusedPermission | null {
  const permission = 'table:propose'
  if (isPermitted(actor, permission, on)) return null
  return new RefusedPermission('forbidden', `You may not create ${kind}s under this name.`, {
    permission,
    resource: on,
  })
}
