import 'server-only'
import { AppError } from '@/lib/errors'
import { isSameTable, type Namespace, type TableIdentifier } from '@/lib/names/identifiers'
import { requirePermission } from '@/server/auth/actor'
import { renameTableAction } from '../actions/rename-table'
import { carryOut } from '../pipeline/carry-out'
import { reviewAction } from '../pipeline/review-action'
import type { BulkTable } from '@/server/db/jobs/bulk-changes'
import type { BulkAction } from './bulk-action'
import { type BulkServices, createUseWarnings } from './use-warnings'

/** Moves tables to one namespace, under the names that they have. */
export function createBulkMove(
  services: BulkServices,
  toNamespace: Namespace,
  tables: readonly Pick<BulkTable, 'namespace' | 'table'>[],
): BulkAction {
  const findUseWarnings = createUseWarnings(services)
  const repeatedNames = findRepeatedNames(tables)
  const targetOf = ({ catalog, table }: TableIdentifier) => ({ catalog, namespace: toNamespace, table })
  return {
    async preview(on, reader) {
      if (isSameTable(on, targetOf(on))) return { state: 'unchanged', intents: [], warnings: [] }
      if (repeatedNames.has(on.table))
        return failed('Another table of the list has the same name, and only one of them could be moved.')
      const review = await reviewAction(services, renameTableAction, { on, input: { to: targetOf(on) } }, reader)
      if (review.problem !== null) return failed(review.problem.message)
      const { warnings } = await review.show()
      return { state: 'ready', intents: [], warnings: [...warnings, ...(await findUseWarnings(on, reader))] }
    },
    async commit(on, _, request) {
      return (await carryOut(services, renameTableAction, { on, input: { to: targetOf(on) } }, request)).auditId
    },
    toProposed: ({ table }) => ({ kind: 'rename', toNamespace: [...toNamespace], toTable: table }),
    review: async () => undefined,
    async undo(on, { tableUuid }, request) {
      const moved = targetOf(on)
      requirePermission(request.actor, 'table:maintain', moved)
      const catalog = await services.catalogs.open(on.catalog, request.actor)
      const { metadata } = await catalog.loadTable(moved, { signal: request.signal })
      if (metadata.tableUuid !== tableUuid)
        throw new AppError('commit-conflict', 'Another table has the name since, so this table was not moved back.')
      await carryOut(services, renameTableAction, { on: moved, input: { to: on } }, request)
    },
  }
}

function failed(problem: string) {
  return { state: 'failed', problem, intents: [], warnings: [] } as const
}

function findRepeatedNames(tables: readonly { table: string }[]): ReadonlySet<string> {
  const seen = new Set<string>()
  return new Set(tables.map(({ table }) => table).filter((name) => seen.size === seen.add(name).size))
}
