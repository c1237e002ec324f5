import { FirstView } from '@/app/first-view'
import { TableOverview } from '@/components/tables/table-overview'
import { snapshotsQuery } from '@/lib/client/snapshots'
import { type TableParams, tableFromParams } from '@/lib/paths'

export default async function OverviewPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  return (
    <FirstView queries={[snapshotsQuery(table)]}>
      <TableOverview />
    </FirstView>
  )
}
