import type { QueryClient } from '@tanstack/react-query'
import type { Run } from '@/lib/contract/jobs'
import { keys } from '../keys'

type RunTarget = Pick<Run, 'table' | 'bulkChange'>

/**
 * Reads again what a run that has ended may have changed, also when it was paused or failed half-way: all tables of the
 * catalog, or its table and the list that has it. Only queries that a page shows are requested.
 */
export function refreshLake(client: QueryClient, { table, bulkChange }: RunTarget): void {
  if (bulkChange) void client.invalidateQueries({ queryKey: keys.catalog(bulkChange.catalog) })
  else if (table) void client.invalidateQueries({ queryKey: keys.namespace(table.catalog, table.namespace) })
}

/** Does so for the runs that are no longer open, once for each target. */
export function refreshAfterEnded(client: QueryClient, known: readonly Run[], open: readonly Run[]): void {
  const openIds = new Set(open.map(({ id }) => id))
  const targets = known
    .filter(({ id }) => !openIds.has(id))
    .map(({ table, bulkChange }) => [JSON.stringify(bulkChange ?? table), { table, bulkChange }] as const)
  for (const target of new Map(targets).values()) refreshLake(client, target)
}
