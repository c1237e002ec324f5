import type { ReactNode } from 'react'
import { FirstView, pageAddress } from '@/app/first-view'
import { ExploreFrame } from '@/components/catalogs/explore-frame'
import { catalogsQuery } from '@/lib/client/catalogs'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { viewsQuery } from '@/lib/client/views'
import { targetFromPathname } from '@/lib/paths'

export default async function ExploreLayout({ children }: { children: ReactNode }) {
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
      <ExploreFrame>{children}</ExploreFrame>
    </FirstView>
  )
}
