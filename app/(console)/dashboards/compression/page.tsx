import type { Metadata } from 'next'
import { CompressionDashboard } from '@/components/observe/dashboards/compression-dashboard'
import { compressionQuery } from '@/lib/client/dashboards'
import { FirstView } from '@/app/first-view'
import { prefetchScope } from '../../prefetch-scope'
import { type SearchParams, spanFromAddress } from '../../span-from-address'

export const metadata: Metadata = { title: 'Compression' }

export default async function CompressionPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams
  const { span, scope } = await spanFromAddress(params)
  return (
    <FirstView
      queries={async (client) => {
        await Promise.all([client.prefetchQuery(compressionQuery(scope, span)), prefetchScope(client, scope.catalog)])
      }}
    >
      <CompressionDashboard />
    </FirstView>
  )
}
