import { FirstView, pageAddress } from '@/app/first-view'
import { TableRows } from '@/components/rows/table-rows'
import { scanQuery } from '@/lib/client/scan'
import { asOfFromQuery, tabMetadata, type TableParams, tableFromParams } from '@/lib/paths'
import { fetchShown } from '../fetch-shown'

export const generateMetadata = tabMetadata('data')

export default async function DataPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  const { asOf } = asOfFromQuery((await pageAddress()).searchParams)
  return (
    <FirstView
      queries={async (client) => {
        const { snapshotId } = await fetchShown(client, table, asOf)
        if (snapshotId !== null) await client.prefetchQuery(scanQuery(table, { snapshotId }))
      }}
    >
      <TableRows />
    </FirstView>
  )
}
