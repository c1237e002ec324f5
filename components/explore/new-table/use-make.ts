'use client'
import { useKeyedWrite } from '@/components/changes/commit/use-keyed-write'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { type NewTableWrite, useFindNewTable, useMakeTable } from '@/lib/client/lifecycle/new-tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

/**
 * Creates or registers a table under one key, and leads to it.
 *
 * @param content of the request: another one has another key
 * @param options.next the page that follows; that of the table by default
 */
export function useMake(
  table: TableIdentifier,
  content: string,
  { onMade, next = paths.table }: { onMade: () => void; next?: (made: TableIdentifier) => string },
) {
  const navigateAway = useNavigateAway()
  const lookup = useFindNewTable()
  const arrive = (made: TableIdentifier) => {
    onMade()
    navigateAway(next(made))
  }
  const write = useMakeTable(arrive)
  const { submit, ...make } = useKeyedWrite<NewTableWrite>(content, { write, lookup, onMade: arrive })
  return {
    ...make,
    submit: (
      request:
        | { kind: 'create'; declaration: string; location?: string }
        | { kind: 'register'; metadataLocation: string },
    ) => submit((keyed) => ({ ...table, ...keyed, ...request })),
  }
}
