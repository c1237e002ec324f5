import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { FirstView, pageAddress } from '@/app/first-view'
import { ExploreFrame } from '@/components/explore/catalogs/explore-frame'
import { badgesQuery, namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { viewsQuery } from '@/lib/client/views'
import { HIDDEN_TREE_COOKIE } from '@/lib/cookies'
import type { Namespace } from '@/lib/names/identifiers'
import { targetFromPathname } from '@/lib/paths/paths'
import { prefetchScope } from '../prefetch-scope'

export default async function ExploreLayout({ children }: { children: ReactNode }) {
  const isTreeHidden = (await cookies()).has(HIDDEN_TREE_COOKIE)
  const { catalog, namespace = [] } = targetFromPathname((await pageAddress()).pathname)
  const levels = namespace.map((_, index) => namespace.slice(0, index + 1))
  return (
    <FirstView
      queries={async (client) => {
        const inLevel = (name: string, level: Namespace) => [
          client.prefetchQuery(namespacesQuery(name, level)),
          client.prefetchQuery(tablesQuery(name, level)),
          client.prefetchQuery(viewsQuery(name, level)),
          client.prefetchQuery(badgesQuery(name, level)),
        ]
        await Promise.all([
          prefetchScope(client, catalog).then((open) =>
            open === undefined ? undefined : client.prefetchQuery(badgesQuery(open, null)),
          ),
          ...(catalog === undefined ? [] : levels.flatMap((level) => inLevel(catalog, level))),
        ])
      }}
    >
      <ExploreFrame isInitiallyHidden={isTreeHidden}>{children}</ExploreFrame>
    </FirstView>
  )
}
