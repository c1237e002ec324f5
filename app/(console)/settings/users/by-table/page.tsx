import type { Metadata } from 'next'
import { FirstView, pageAddress } from '@/app/first-view'
import { AccessByTable } from '@/components/admin/access/access-by-table'
import { accessQuery } from '@/lib/client/access/effective-access'
import { grantsOnQuery } from '@/lib/client/access/grants'
import { resourceFromQuery } from '@/lib/names/resource-name'

export const metadata: Metadata = { title: 'Who has access' }

export default async function AccessByTablePage() {
  const { searchParams } = await pageAddress()
  const on = resourceFromQuery(searchParams)
  return (
    <FirstView queries={[accessQuery(on), grantsOnQuery(on)]}>
      <AccessByTable />
    </FirstView>
  )
}
