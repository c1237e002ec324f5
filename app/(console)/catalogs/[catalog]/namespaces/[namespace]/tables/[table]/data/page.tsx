import { FirstView, pageAddress } from '@/app/first-view'
import { TableRows } from '@/components/rows/table-rows'
import { scanQuery } from '@/lib/client/scan'
import { tableQuery } from '@/lib/client/tables'
import { asOfFromQuery, type TableParams, tableFromParams } from '@/lib/paths'

export default async function DataPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  const asOf = asOfFromQuery((await pageAddress()).searchParams)
  return (
    <FirstView
      queries={async (client) => {
        const { queryKey } = tableQuery(table, asOf)
        const { shown } = await client.fetchQuery(tableQuery(table, asOf))
        if (shown.snapshotId !== null) await client.prefetchQuery(scanQuery(table, { snapshotId: shown.snapshotId }))
        // The layout brings it.
        client.removeQueries({ queryKey, exact: true })
      }}
    >
      <TableRows />
    </FirstView>
  )
}
