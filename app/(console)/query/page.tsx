import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import { Suspense } from 'react'
import { FirstView } from '@/app/first-view'
import { QueryWorkbench } from '@/components/query/query-workbench'
import { catalogsQuery } from '@/lib/client/catalogs'
import { queryServerQuery } from '@/lib/client/query/query-server'
import { HIDDEN_SIDEBAR_COOKIE } from '@/lib/cookies'

export const metadata: Metadata = { title: 'Query' }

export default async function QueryPage() {
  const isSidebarHidden = (await cookies()).has(HIDDEN_SIDEBAR_COOKIE)
  // The SQL text is in the URL's query, which only the browser reads.
  return (
    <FirstView queries={[catalogsQuery(), queryServerQuery()]}>
      <Suspense>
        <QueryWorkbench isSidebarInitiallyHidden={isSidebarHidden} />
      </Suspense>
    </FirstView>
  )
}
