'use client'
import { Button } from '@mantine/core'
import { IconDatabase, IconFolders } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { NamespaceActions } from '@/components/explore/namespaces/actions/namespace-actions'
import { NamespaceFrame } from '@/components/explore/namespaces/actions/namespace-frame'
import { NamespaceList } from '@/components/explore/namespaces/namespace-list'
import { CatalogLabelChip } from '@/components/shell/catalog-name'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { NameHeader } from '@/components/ui/name-header'
import { catalogsQuery } from '@/lib/client/catalogs'
import { useHasPermission } from '@/lib/client/session/permissions'
import { paths } from '@/lib/paths/paths'
import { BrowseLinks } from './browse-links'

const KIND_LABELS = { embedded: 'embedded catalog', rest: 'REST catalog', files: 'metadata files' } as const

/** A catalog: its location and its namespaces. As the root of Explore, it also leads to owners and tags. */
export function CatalogPage({ catalog, isRoot = false }: { catalog: string; isRoot?: boolean }) {
  const { data: catalogs } = useQuery(catalogsQuery())
  const isOperator = useHasPermission('console:admin') === true
  const entry = catalogs?.find(({ name }) => name === catalog)
  return (
    <NamespaceFrame catalog={catalog} namespace={null}>
      <div className="stack fill">
        <NameHeader
          icon={IconDatabase}
          name={catalog}
          copyLabel="catalog name"
          badges={<CatalogLabelChip catalog={catalog} />}
          chips={entry ? [KIND_LABELS[entry.kind]] : []}
          location={entry?.warehouse ?? null}
          controls={
            <>
              {isRoot && <BrowseLinks current="catalogs" />}
              <NamespaceActions catalog={catalog} />
              {isOperator && (
                <Tooltip label="Warehouse" isNarrowOnly>
                  <Button
                    variant="default"
                    className="icon-when-narrow"
                    leftSection={<IconFolders size={15} stroke={1.6} aria-hidden />}
                    component={Link}
                    href={paths.warehouse(catalog)}
                    prefetch={false}
                  >
                    Warehouse
                  </Button>
                </Tooltip>
              )}
            </>
          }
          hasEdge
        />
        <NamespaceList catalog={catalog} />
      </div>
    </NamespaceFrame>
  )
}
