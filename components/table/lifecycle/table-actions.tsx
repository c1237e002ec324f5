'use client'
import { ActionIcon } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { loadRequestDialog } from '@/components/admin/access/requests/load-request-dialog'
import { usePathname, useSearchParams } from 'next/navigation'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { useLoadedDialog } from '@/components/ui/controls/use-loaded-dialog'
import { useHasPermission, usePermissions } from '@/lib/client/session/permissions'
import type { TableDetail } from '@/lib/contract/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { isProtected } from '@/lib/iceberg/properties/about'
import { paths } from '@/lib/paths/paths'
import { deletionBranch } from './deletion-branch'
import { type TableAction, useTableAction } from './use-table-action'

/** Actions on the table itself. */
export function TableActions({ table, detail }: { table: TableIdentifier; detail: TableDetail }) {
  const [, setAction] = useTableAction()
  const request = useLoadedDialog(loadRequestDialog)
  const canWrite = useHasPermission('table:write', table)
  const permissions = usePermissions()
  const isFiltered = useIsFiltered(table)
  const canPropose = useHasPermission('table:propose', table) === true
  const canSeeAccess = useHasPermission('access:manage', table) === true
  const { abilities, properties, shown } = detail
  const offered = {
    about: canPropose && shown.isCurrent && abilities.includes('commit-table'),
    // A clone is created elsewhere.
    clone: permissions?.includes('table:write') === true,
    rename: canPropose && abilities.includes('rename-table'),
    'delete-rows':
      canPropose && isFiltered && deletionBranch(shown) !== undefined && abilities.includes('commit-table'),
    drop: canPropose && abilities.includes('drop-table'),
  }
  const canRequest = canWrite === false
  if (!Object.values(offered).includes(true) && !canSeeAccess && !canRequest) return null
  return (
    <>
      <LazyMenu
        button={
          <ActionIcon variant="default" size={32} aria-label="Table actions">
            <IconDots size={15} stroke={1.6} aria-hidden />
          </ActionIcon>
        }
        load={loadItems}
        menuProps={{
          table,
          offered,
          likeHref: canWrite === true && abilities.includes('create-table') ? newTableLike(table) : null,
          isProtected: isProtected(properties),
          canLoad: canWrite === true && abilities.includes('commit-table'),
          canSeeAccess,
          onChoose: (action: TableAction) => void setAction(action),
          onRequest: canRequest ? request.open : null,
        }}
      />
      {request.Dialog && (
        <request.Dialog opened={request.isOpen} on={table} roles={['editor']} onClose={request.close} />
      )}
    </>
  )
}

/** Whether the Data tab shows the rows that pass a filter. */
function useIsFiltered(table: TableIdentifier): boolean {
  const pathname = usePathname()
  const where = useSearchParams().get('where')
  return pathname === paths.table(table, 'data') && where !== null && where !== ''
}

function newTableLike(table: TableIdentifier): string {
  return paths.newTable(table.catalog, table.namespace, table)
}

async function loadItems() {
  return (await import('./table-menu-items')).TableMenuItems
}
