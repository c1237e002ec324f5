import { FirstView, pageAddress } from '@/app/first-view'
import { TableOverview } from '@/components/table/overview/table-overview'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import { asOfFromQuery, asOfQuery, tabMetadata, type TableParams, tableFromParams } from '@/lib/paths/paths'
import { fetchShown } from './fetch-shown'

export const generateMetadata = tabMetadata('overview')

export default async function OverviewPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  const { asOf } = asOfFromQuery((await pageAddress()).searchParams)
  return (
    <FirstView
      queries={async (client) => {
        const { isCurrent, snapshotId } =
          asOfQuery(asOf) === '' ? { isCurrent: true, snapshotId: null } : await fetchShown(client, table, asOf)
        await client.prefetchInfiniteQuery(
          snapshotsQuery(table, isCurrent || snapshotId === null ? {} : { upTo: snapshotId }),
        )
      }}
    >
      <TableOverview />
    </FirstView>
  )
}
