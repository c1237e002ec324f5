import { FirstView, pageAddress } from '@/app/first-view'
import { TableRows } from '@/components/table/rows/table-rows'
import { scanQuery } from '@/lib/client/table/scan'
import { tabMetadata } from '@/app/page-titles'
import { asOfFromQuery, type TableParams, tableFromParams } from '@/lib/paths/paths'
import { fetchShown } from '../fetch-shown'

export const generateMetadata = tabMetadata('data')

export default async function DataPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  const { searchParams } = await pageAddress()
  const { asOf } = asOfFromQuery(searchParams)
  return (
    <FirstView
      queries={async (client) => {
        const {
          shown: { snapshotId },
        } = await fetchShown(client, table, asOf)
        // With a filter the browser requests another plan.
        const isFiltered = (searchParams.get('where') ?? '') !== ''
        if (snapshotId !== null && !isFiltered) await client.prefetchQuery(scanQuery(table, { snapshotId }))
      }}
    >
      <TableRows />
    </FirstView>
  )
}
