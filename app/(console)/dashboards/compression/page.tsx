import type { Metadata } from 'next'
import { CompressionDashboard } from '@/components/observe/dashboards/compression/compression-dashboard'
import { DAY_PERIODS } from '@/components/observe/dashboards/ingestion/period'
import { compressionQuery } from '@/lib/client/dashboards'
import { toStorageCut } from '@/lib/facts/storage-cuts'
import { FirstView } from '@/app/first-view'
import { prefetchScope } from '../../prefetch-scope'
import { periodFromAddress, type SearchParams } from '../../span-from-address'

export const metadata: Metadata = { title: 'Compression' }

export default async function CompressionPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams
  const view = typeof params['view'] === 'string' ? params['view'] : null
  const { period, scope } = await periodFromAddress(params, DAY_PERIODS)
  return (
    <FirstView
      queries={async (client) => {
        await Promise.all([
          client.prefetchQuery(compressionQuery(scope, period, toStorageCut(view))),
          prefetchScope(client, scope.catalog),
        ])
      }}
    >
      <CompressionDashboard />
    </FirstView>
  )
}
