import type { Metadata } from 'next'
import { IngestionDashboard } from '@/components/observe/dashboards/ingestion-dashboard'
import { ingestionQuery } from '@/lib/client/dashboards'
import { INGESTION_SPLITS } from '@/lib/contract/shapes/plain-values'
import { FirstView } from '@/app/first-view'
import { prefetchScope } from '../../prefetch-scope'
import { type SearchParams, spanFromAddress } from '../../span-from-address'

export const metadata: Metadata = { title: 'Ingestion' }

export default async function IngestionPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams
  const { span, scope } = await spanFromAddress(params)
  const by = INGESTION_SPLITS.find((split) => split === params['by']) ?? 'table'
  return (
    <FirstView
      queries={async (client) => {
        await Promise.all([client.prefetchQuery(ingestionQuery(by, scope, span)), prefetchScope(client, scope.catalog)])
      }}
    >
      <IngestionDashboard />
    </FirstView>
  )
}
