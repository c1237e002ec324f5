import type { Metadata } from 'next'
import { IngestionDashboard } from '@/components/observe/dashboards/ingestion/ingestion-dashboard'
import { ingestionQuery } from '@/lib/client/dashboards'
import { measureOfSplit } from '@/components/observe/dashboards/ingestion/partition-choice'
import { INGESTION_MEASURES, INGESTION_SPLITS } from '@/lib/contract/shapes/plain-values'
import { FirstView } from '@/app/first-view'
import { prefetchScope } from '../../prefetch-scope'
import { periodFromAddress, type SearchParams } from '../../span-from-address'

export const metadata: Metadata = { title: 'Ingestion' }

export default async function IngestionPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const params = await searchParams
  const { period, scope: namespaceScope } = await periodFromAddress(params)
  const scope = { ...namespaceScope, ...(typeof params['table'] === 'string' && { table: params['table'] }) }
  const by = INGESTION_SPLITS.find((split) => split === params['by']) ?? 'writer'
  const measure = measureOfSplit(INGESTION_MEASURES.find((name) => name === params['measure']) ?? 'rows', by)
  const match = typeof params['match'] === 'string' ? params['match'].trim() : ''
  const view = { measure, by, ...(match !== '' && { match }) }
  return (
    <FirstView
      queries={async (client) => {
        await Promise.all([
          client.prefetchQuery(ingestionQuery(view, scope, period)),
          prefetchScope(client, scope.catalog),
        ])
      }}
    >
      <IngestionDashboard />
    </FirstView>
  )
}
