import { FirstView, pageAddress } from '@/app/first-view'
import { TableOverview } from '@/components/table/overview/table-overview'
import { tableGrowthQuery, toGrowthRange } from '@/lib/client/dashboards'
import { fileSummaryQuery, isSummaryCheap } from '@/lib/client/table/metadata-tree'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import { tabMetadata } from '@/app/page-titles'
import { asOfFromQuery, type TableParams, tableFromParams } from '@/lib/paths/paths'
import { fetchShown } from './fetch-shown'

export const generateMetadata = tabMetadata('overview')

export default async function OverviewPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  const { searchParams } = await pageAddress()
  const { asOf } = asOfFromQuery(searchParams)
  return (
    <FirstView
      queries={async (client) => {
        const { shown, figures } = await fetchShown(client, table, asOf)
        const { isCurrent, snapshotId } = shown
        await Promise.all([
          client.prefetchInfiniteQuery(
            snapshotsQuery(table, isCurrent || snapshotId === null ? {} : { upTo: snapshotId }),
          ),
          ...(isCurrent
            ? [client.prefetchQuery(tableGrowthQuery(table, toGrowthRange(searchParams.get('growth'))))]
            : []),
          ...(isSummaryCheap(figures.dataFileCount)
            ? [client.prefetchInfiniteQuery(fileSummaryQuery(table, asOf, null))]
            : []),
        ])
      }}
    >
      <TableOverview />
    </FirstView>
  )
}
