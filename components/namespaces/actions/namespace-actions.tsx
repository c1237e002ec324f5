'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconDots, IconFolderPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { catalogsQuery } from '@/lib/client/catalogs'
import { useHasPermission } from '@/lib/client/session/permissions'
import { type NamespaceAction, useNamespaceAction } from './use-namespace-action'

/** What can be done with a namespace, or at the top of a catalog. Nothing where tables are opened from files. */
export function NamespaceActions({ catalog, isTop = false }: { catalog: string; isTop?: boolean }) {
  const [, setAction] = useNamespaceAction()
  const { data: catalogs } = useQuery(catalogsQuery())
  const kind = catalogs?.find(({ name }) => name === catalog)?.kind
  const canWrite = useHasPermission('table:write') === true
  const canMaintain = useHasPermission('table:maintain') === true
  if (kind === undefined || kind === 'files' || !canWrite) return null
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconFolderPlus size={15} stroke={1.6} aria-hidden />}
        onClick={() => void setAction('new')}
      >
        New namespace
      </Button>
      {!isTop && canMaintain && (
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
