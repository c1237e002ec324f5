'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconDatabaseImport, IconDots, IconEyePlus, IconFolderPlus, IconTablePlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { loadRequestDialog } from '@/components/admin/access/requests/load-request-dialog'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { catalogsQuery } from '@/lib/client/catalogs'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { Namespace } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { type NamespaceAction, useNamespaceAction } from './use-namespace-action'

/** The actions on a namespace, or at the top of a catalog. Empty for catalogs that only open tables from files. */
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
  const resource = { catalog, ...(namespace && { namespace }) }
  const request = useLoadedDialog(loadRequestDialog)
  const canWrite = useHasPermission('table:write', resource)
  const canMaintain = useHasPermission('table:maintain', resource) === true
  const mayPropose = useHasPermission('table:propose', resource) === true
  const canSeeAccess = useHasPermission('access:manage', resource) === true
  const hasWrites = kind !== undefined && kind !== 'files'
  const isChangeable = hasWrites && canWrite === true
  const canPropose = hasWrites && mayPropose
  const hasMenu =
    namespace !== null && ((isChangeable && canMaintain) || canPropose || canSeeAccess || canWrite === false)
  return (
    <>
      {isChangeable && namespace !== null && (
        <Button
          component={Link}
          href={paths.newTable(catalog, namespace)}
          leftSection={<IconTablePlus size={15} stroke={1.6} aria-hidden />}
        >
          New table
        </Button>
      )}
      {isChangeable && namespace !== null && (
        <Button
          component={Link}
          href={paths.load({ catalog, namespace })}
          variant="default"
          leftSection={<IconDatabaseImport size={15} stroke={1.6} aria-hidden />}
        >
          Load data
        </Button>
      )}
      {isChangeable && namespace !== null && (
        <Button
          component={Link}
          href={paths.newView(catalog, namespace)}
          variant="default"
          leftSection={<IconEyePlus size={15} stroke={1.6} aria-hidden />}
        >
          New view
        </Button>
      )}
      {isChangeable && (
        <Tooltip label="New namespace" isNarrowOnly>
          <Button
            variant="default"
            // The header of a catalog has other controls in the same line, which a phone has no room for.
            {...(namespace === null && { className: 'icon-when-narrow' })}
            leftSection={<IconFolderPlus size={15} stroke={1.6} aria-hidden />}
            onClick={() => void setAction('new')}
          >
            New namespace
          </Button>
        </Tooltip>
      )}
      {hasMenu && (
        <LazyMenu
          button={
            <ActionIcon variant="default" size={32} aria-label="Namespace actions">
              <IconDots size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          }
          load={loadItems}
          menuProps={{
            catalog,
            namespace,
            hasDropped: kind === 'embedded',
            canMaintain: isChangeable && canMaintain,
            canPropose,
            canSeeAccess,
            onChoose: (action: NamespaceAction) => void setAction(action),
            onRequest: canWrite === false ? request.open : null,
          }}
        />
      )}
      {request.Dialog && (
        <request.Dialog opened={request.isOpen} on={resource} roles={['editor']} onClose={request.close} />
      )}
    </>
  )
}

async function loadItems() {
  return (await import('./namespace-menu-items')).NamespaceMenuItems
}
