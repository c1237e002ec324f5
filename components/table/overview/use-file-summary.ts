import { useInfiniteQuery } from '@tanstack/react-query'
import { useShownTable } from '@/components/table/frame/shown-table'
import { fileSummaryQuery, isSummaryCheap } from '@/lib/client/table/metadata-tree'

/** The sums of the files of the shown snapshot. With very many files they are read only when the user asks for them. */
export function useFileSummary() {
  const { table, asOf, detail } = useShownTable()
  const { dataFileCount } = detail.figures
  const isRead = isSummaryCheap(dataFileCount)
  const query = useInfiniteQuery({ ...fileSummaryQuery(table, asOf, null), enabled: isRead })
  return { query, first: query.data?.pages[0] ?? null, isRead, dataFileCount }
}
