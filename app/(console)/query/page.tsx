import type { Metadata } from 'next'
import { Suspense } from 'react'
import { QueryWorkbench } from '@/components/query/query-workbench'

export const metadata: Metadata = { title: 'Query' }

export default function QueryPage() {
  // The text is in the address, which is known in the browser only.
  return (
    <Suspense>
      <QueryWorkbench />
    </Suspense>
  )
}
