'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconDots, IconEyePlus, IconFolderPlus, IconTablePlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { catalogsQuery } from '@/lib/client/catalogs'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { Namespace } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import { type NamespaceAction, useNamespaceAction } from './use-namespace-action'

/** What can be done with a namespace, or at the top of a catalog. Nothing where tables are opened from files. */
export function NamespaceActions({
  catalog,
  namespace = null,
}: {
  catalog: string
  /** Null: the top of the catalog. */
  namespace?: Namespace | null
}) {
  const [, setAction] = useNamespaceAction()
  const { data: catalogs } = useQuery(catalogsQuery())
  const kind = catalogs?.find(({ name }) => name === catalog)?.kind
  const place = { catalog, ...(namespace && { namespace }) }
  const canWrite = useHasPermission('table:write', place) === true
  const canMaintain = useHasPermission('table:maintain', place) === true
  if (kind === undefined || kind === 'files' || !canWrite) return null
  return (
    <>
      {namespace !== null && (
        <Button
          component={Link}
          href={paths.newTable(catalog, namespace)}
          variant="default"
          leftSection={<IconTablePlus size={15} stroke={1.6} aria-hidden />}
        >
          New table
        </Button>
      )}
      {namespace !== null && (
        <Button
          component={Link}
          href={paths.newView(catalog, namespace)}
          variant="default"
          leftSection={<IconEyePlus size={15} stroke={1.6} aria-hidden />}
        >
          New view
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconFolderPlus size={15} stroke={1.6} aria-hidden />}
        onClick={() => void setAction('new')}
      >
        New namespace
      </Button>
      {namespace !== null && canMaintain && (
        <LazyMenu
          button={
            <ActionIcon variant="default" size={32} aria-label="Namespace actions">
              <IconDots size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          }
          load={loadItems}
          menuProps={{ hasDropped: kind === 'embedded', onChoose: (action: NamespaceAction) => void setAction(action) }}
        />
      )}
    </>
  )
}

async function loadItems() {
  return (await import('./namespace-menu-items')).NamespaceMenuItems
}
