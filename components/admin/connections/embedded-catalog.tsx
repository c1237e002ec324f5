'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import { Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { Panel } from '@/components/ui/panel'
import { Unknown } from '@/components/ui/values/unknown'
import { catalogsQuery } from '@/lib/client/catalogs'
import { paths } from '@/lib/paths/paths'

/** The catalog of Lakeshore itself, which needs no connection and has no settings here. */
export function EmbeddedCatalog() {
  const query = useQuery(catalogsQuery())
  if (!query.isSuccess)
    return (
      <Panel title="Embedded catalog">
        <Unloaded query={query} subject="The embedded catalog" skeleton={[2, 2, 'Reading catalogs']} />
      </Panel>
    )
  // A user sees the catalogs that they may enter.
  const own = query.data.find(({ kind }) => kind === 'embedded')
  if (own === undefined) return null
  return (
    <Panel title="Embedded catalog" subtitle="part of Lakeshore, always connected">
      <Facts
        facts={[
          [
            'Name',
            <Link key="name" href={paths.catalog(own.name)} prefetch={false}>
              {own.name}
            </Link>,
          ],
          [
            'Warehouse',
            own.warehouse === null ? (
              <Unknown key="warehouse" reason="only the catalog knows" />
            ) : (
              <Mono key="warehouse">{own.warehouse}</Mono>
            ),
          ],
        ]}
      />
    </Panel>
  )
}
