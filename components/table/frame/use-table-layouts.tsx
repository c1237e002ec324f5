import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { retryFetch } from '@/lib/client/call/retry'
import { tableLayoutsQuery } from '@/lib/client/table/tables'
import type { TableLayouts } from '@/lib/contract/table/tables'
import { entryLabel } from '@/lib/names/identifiers'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { useShownTable } from './shown-table'

/**
 * The schemas, specs and sort orders of the shown table. `loaded` is null until they have loaded; `problem` explains a
 * failure.
 */
export function useTableLayouts(): {
  loaded: { metadata: TableMetadata; schemaUses: TableLayouts['schemaUses'] } | null
  problem: ReactNode
} {
  const { table, detail } = useShownTable()
  const query = useQuery(tableLayoutsQuery(table, detail.metadataLocation))
  const loaded = useMemo(
    () =>
      query.data === undefined
        ? null
        : { metadata: readTableMetadata(query.data.metadata), schemaUses: query.data.schemaUses },
    [query.data],
  )
  const problem = query.error && (
    <ProblemNote error={query.error} subject={entryLabel(table)} onRetry={() => retryFetch(query.refetch)} />
  )
  return { loaded, problem }
}
