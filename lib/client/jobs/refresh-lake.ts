import type { QueryClient, QueryKey } from '@tanstack/react-query'
import type { Run } from '@/lib/contract/jobs'
import { keys } from '../keys'

type RunTarget = Pick<Run, 'table' | 'bulkChange'>

/**
 * Reads the lists again that a run which has ended may have changed, also when it was paused or failed half-way: of the
 * whole catalog, or of the namespace of its table. Only queries that a page shows are requested. An open page of a table
 * or a view keeps the state that it shows, and offers newer commits itself; other pages read theirs when they are opened.
 */
export function refreshLake(client: QueryClient, { table, bulkChange }: RunTarget): void {
  const queryKey = bulkChange
    ? keys.catalog(bulkChange.catalog)
    : table && keys.namespace(table.catalog, table.namespace)
  if (queryKey === null) return
  void client.invalidateQueries({ queryKey, predicate: (query) => !isOfEntry(query.queryKey) })
  void client.invalidateQueries({
    queryKey,
    type: 'inactive',
    // Otherwise they would be requested at once, because `type` is its default.
    refetchType: 'none',
    predicate: (query) => isOfEntry(query.queryKey),
  })
}

/** Whether a key of `keys` is of one table or view. */
function isOfEntry([, , , , kind]: QueryKey): boolean {
  return kind === 'table' || kind === 'view'
}

/** Does so for the runs that are no longer open, once for each target. */
export function refreshAfterEnded(client: QueryClient, known: readonly Run[], open: readonly Run[]): void {
  const openIds = new Set(open.map(({ id }) => id))
  const targets = known
    .filter(({ id }) => !openIds.has(id))
    .map(({ table, bulkChange }) => [JSON.stringify(bulkChange ?? table), { table, bulkChange }] as const)
  for (const target of new Map(targets).values()) refreshLake(client, target)
}
