import 'server-only'
import type { BulkNamespace } from '@/lib/contract/bulk-changes'
import { MAX_BULK_CELLS, MAX_BULK_NAMESPACES } from '@/lib/contract/shapes/bulk-limits'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import { joinNamespace } from '@/lib/names/identifiers'
import type { BulkTable } from '@/server/db/jobs/bulk-changes'

/** From the state that needs a user most. A cell of several tables has the first that one of them has. */
const WORST_FIRST: readonly BulkTableState[] = [
  'failed',
  'unknown',
  'not-undone',
  'proposed',
  'ready-to-propose',
  'undoing',
  'waiting',
  'ready',
  'left',
  'changed',
  'undone',
  'unchanged',
]

type Listed = Pick<BulkTable, 'namespace' | 'table' | 'state'>

/** The tables of a change as a bar shows them: by namespace, in the order of the run. */
export function toBulkNamespaces(tables: readonly Listed[]): BulkNamespace[] {
  const groups = new Map<string, Listed[]>()
  for (const table of tables) {
    const key = joinNamespace(table.namespace)
    const group = groups.get(key)
    if (group) group.push(table)
    else groups.set(key, [table])
  }
  const all = [...groups.values()]
  // The last group has all namespaces for which there is no room.
  const own = all.length > MAX_BULK_NAMESPACES ? all.slice(0, MAX_BULK_NAMESPACES - 1) : all
  const others = all.slice(own.length)
  const size = Math.max(1, Math.ceil(tables.length / MAX_BULK_CELLS))
  return [
    ...own.map((group) => toGroup(group, group[0]?.namespace ?? null, 1, size)),
    ...(others.length > 0 ? [toGroup(others.flat(), null, others.length, size)] : []),
  ]
}

function toGroup(
  tables: readonly Listed[],
  namespace: BulkNamespace['namespace'],
  namespaceCount: number,
  size: number,
): BulkNamespace {
  const cells = Array.from({ length: Math.ceil(tables.length / size) }, (_, index) =>
    worstOf(tables.slice(index * size, (index + 1) * size)),
  )
  return { namespace, namespaceCount, tableCount: tables.length, cells }
}

function worstOf(tables: readonly Listed[]): BulkTableState {
  const states = new Set(tables.map(({ state }) => state))
  return WORST_FIRST.find((state) => states.has(state)) ?? 'waiting'
}
