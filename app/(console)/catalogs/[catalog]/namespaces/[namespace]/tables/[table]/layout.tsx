import type { ReactNode } from 'react'
import { TablePage } from '@/components/tables/table-page'
import { type TableParams, tableFromParams } from '@/lib/paths'

type Props = { params: Promise<TableParams>; children: ReactNode }

export default async function TableLayout({ params, children }: Props) {
  return <TablePage table={tableFromParams(await params)}>{children}</TablePage>
}
