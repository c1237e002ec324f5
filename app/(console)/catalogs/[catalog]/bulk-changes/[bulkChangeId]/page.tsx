import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { BulkChangePage } from '@/components/operate/bulk-changes/bulk-change-page'
import { bulkChangeQuery, bulkChangeTablesQuery } from '@/lib/client/bulk-changes'

type Props = { params: Promise<{ catalog: string; bulkChangeId: string }> }

export const metadata: Metadata = { title: 'Change of many tables' }

export default async function BulkChange({ params }: Props) {
  const { catalog, bulkChangeId } = await params
  const on = { catalog: decodeURIComponent(catalog), bulkChangeId: decodeURIComponent(bulkChangeId) }
  return (
    <FirstView queries={[bulkChangeQuery(on), bulkChangeTablesQuery(on, { state: null, search: '' }, false)]}>
      <BulkChangePage key={on.bulkChangeId} on={on} />
    </FirstView>
  )
}
