import type { Metadata } from 'next'
import { Suspense } from 'react'
import { QueryWorkbench } from '@/components/query/query-workbench'

export const metadata: Metadata = { title: 'Query' }

export default function QueryPage() {
  // The SQL text is in the URL's query, which only the browser reads.
  return (
    <Suspense>
      <QueryWorkbench />
    </Suspense>
  )
}
