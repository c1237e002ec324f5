import { FirstView } from '@/app/first-view'
import { LazyHistoryList } from '@/components/table/history/lazy-history-list'
import { HistoryLists } from '@/components/proposals/lists/history-lists'
import { historyQuery } from '@/lib/client/table/history'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { tabMetadata } from '@/app/page-titles'
import { type TableParams, tableFromParams } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('history')

export default async function HistoryPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  return (
    <FirstView queries={[historyQuery(table), changePolicyQuery(table.catalog, table.namespace)]}>
      <HistoryLists shown="history" />
      <LazyHistoryList />
    </FirstView>
  )
}
