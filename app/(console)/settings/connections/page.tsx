import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { ConnectionList } from '@/components/admin/connections/connection-list'
import { catalogsQuery } from '@/lib/client/catalogs'
import { connectionsQuery } from '@/lib/client/connections'

export const metadata: Metadata = { title: 'Connections' }

export default function ConnectionsPage() {
  return (
    <FirstView queries={[catalogsQuery(), connectionsQuery()]}>
      <ConnectionList />
    </FirstView>
  )
}
