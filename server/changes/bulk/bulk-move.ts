import 'server-only'
import { AppError } from '@/lib/errors'
import { entryLabel, isSameTable, type Namespace, type TableIdentifier } from '@/lib/names/identifiers'
import { requirePermission } from '@/server/auth/actor'
import { renameTableAction } from '../actions/rename-table'
import { carryOut } from '../pipeline/carry-out'
import { reviewAction } from '../pipeline/review-action'
import type { BulkTable } from '@/server/db/jobs/bulk-changes'
import type { BulkAction } from './bulk-action'
import type { ProposalServices } from '../proposals/proposable'
import { createUseWarnings } from '../pipeline/use-warnings'

/** Moves tables to one namespace, under the names that they have. */
export function createBulkMove(
  services: ProposalServices,
  toNamespace: Namespace,
  tables: readonly Pick<BulkTable, 'namespace' | 'table'>[],
): BulkAction {
  const useWarnings = createUseWarnings(services)
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
      const { used, limits } = await useWarnings.ofTable(on, reader)
      return { state: 'ready', intents: [], warnings: [...warnings, ...used, ...limits] }
    },
    async commit(on, _, request) {
      // The user started the run after its preview named what uses each table, instead of typing each name.
      const confirmed = { ...request, confirmedName: entryLabel(on) }
      return (await carryOut(services, renameTableAction, { on, input: { to: targetOf(on) } }, confirmed)).auditId
    },
    proposals: {
      toProposed: ({ table }) => ({ kind: 'rename', toNamespace: [...toNamespace], toTable: table }),
      review: async () => undefined,
    },
    async undo(on, { tableUuid }, request) {
      const moved = targetOf(on)
      requirePermission(request.actor, 'table:maintain', moved)
      const catalog = await services.catalogs.open(on.catalog, request.actor)
      const { metadata } = await catalog.loadTable(moved, { signal: request.signal })
      if (metadata.tableUuid !== tableUuid)
        throw new AppError('commit-conflict', 'Another table has the name since, so this table was not moved back.')
      const confirmed = { ...request, confirmedName: entryLabel(moved) }
      await carryOut(services, renameTableAction, { on: moved, input: { to: on } }, confirmed)
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
