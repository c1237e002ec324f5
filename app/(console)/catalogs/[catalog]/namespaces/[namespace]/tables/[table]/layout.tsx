import type { ReactNode } from 'react'
import { FirstView, pageAddress } from '@/app/first-view'
import { TablePage } from '@/components/table/page/table-page'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { tableQuery } from '@/lib/client/table/tables'
import { asOfFromQuery, type TableParams, tableFromParams } from '@/lib/paths/paths'

type Props = { params: Promise<TableParams>; children: ReactNode }

export default async function TableLayout({ params, children }: Props) {
  const table = tableFromParams(await params)
  const { asOf } = asOfFromQuery((await pageAddress()).searchParams)
  return (
    <FirstView queries={[tableQuery(table, asOf), changePolicyQuery(table.catalog, table.namespace)]}>
      <TablePage table={table}>{children}</TablePage>
    </FirstView>
  )
}
