import { FirstView } from '@/app/first-view'
import { LazySnapshotList } from '@/components/table/snapshots/lazy-snapshot-list'
import { pendingExpiriesQuery } from '@/lib/client/table/expiry'
import { publicationsQuery } from '@/lib/client/table/publications'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import { tabMetadata } from '@/app/page-titles'
import { type TableParams, tableFromParams } from '@/lib/paths/paths'

export const generateMetadata = tabMetadata('snapshots')

export default async function SnapshotsPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  return (
    <FirstView queries={[snapshotsQuery(table), publicationsQuery(table), pendingExpiriesQuery(table)]}>
      <LazySnapshotList />
    </FirstView>
  )
}
