import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { FirstView, pageAddress } from '@/app/first-view'
import { ExploreFrame } from '@/components/catalogs/explore-frame'
import { catalogsQuery } from '@/lib/client/catalogs'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { viewsQuery } from '@/lib/client/views'
import { HIDDEN_TREE_COOKIE } from '@/lib/cookies'
import { targetFromPathname } from '@/lib/paths'

export default async function ExploreLayout({ children }: { children: ReactNode }) {
  const isTreeHidden = (await cookies()).has(HIDDEN_TREE_COOKIE)
  const { catalog, namespace = [] } = targetFromPathname((await pageAddress()).pathname)
  const levels = namespace.map((_, index) => namespace.slice(0, index + 1))
  return (
    <FirstView
      queries={[
        catalogsQuery(),
        ...(catalog === undefined ? [] : [namespacesQuery(catalog, null)]),
        ...(catalog === undefined
          ? []
          : levels.flatMap((level) => [
              namespacesQuery(catalog, level),
              tablesQuery(catalog, level),
              viewsQuery(catalog, level),
            ])),
      ]}
    >
      <ExploreFrame isInitiallyHidden={isTreeHidden}>{children}</ExploreFrame>
    </FirstView>
  )
}
