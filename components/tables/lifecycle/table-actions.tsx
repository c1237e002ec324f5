'use client'
import { ActionIcon } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { TableDetail } from '@/lib/contract/tables'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { isProtected } from '@/lib/iceberg/properties/about'
import { paths } from '@/lib/paths'
import { PERMISSION_FOR, type TableAction, useTableAction } from './use-table-action'

/** What can be done with the table itself. */
export function TableActions({ table, detail }: { table: TableIdentifier; detail: TableDetail }) {
  const [, setAction] = useTableAction()
  const canWrite = useHasPermission(PERMISSION_FOR.clone, table) === true
  const canMaintain = useHasPermission('table:maintain', table) === true
  const canPropose = useHasPermission('table:propose', table) === true
  const { abilities, properties, shown } = detail
  const offered = {
    about: canPropose && shown.isNow && abilities.includes('commit-table'),
    clone: canWrite,
    rename: canMaintain && abilities.includes('rename-table'),
    drop: canMaintain && abilities.includes('drop-table'),
  }
  if (!Object.values(offered).includes(true)) return null
  return (
    <LazyMenu
      button={
        <ActionIcon variant="default" size={32} aria-label="Table actions">
          <IconDots size={15} stroke={1.6} aria-hidden />
        </ActionIcon>
      }
      load={loadItems}
      menuProps={{
        offered,
        likeHref: canWrite && abilities.includes('create-table') ? newTableLike(table) : null,
        isProtected: isProtected(properties),
        onChoose: (action: TableAction) => void setAction(action),
      }}
    />
  )
}

function newTableLike(table: TableIdentifier): string {
  return paths.newTable(table.catalog, table.namespace, table)
}

async function loadItems() {
  return (await import('./table-menu-items')).TableMenuItems
}
