import type { Metadata } from 'next'
import { Suspense } from 'react'
import { FirstView } from '@/app/first-view'
import { QueryWorkbench } from '@/components/query/query-workbench'
import { catalogsQuery } from '@/lib/client/catalogs'

export const metadata: Metadata = { title: 'Query' }

export default function QueryPage() {
  // The SQL text is in the URL's query, which only the browser reads.
  return (
    <FirstView queries={[catalogsQuery()]}>
      <Suspense>
        <QueryWorkbench />
      </Suspense>
    </FirstView>
  )
}
