'use client'
import { Menu } from '@mantine/core'
import {
  IconCopy,
  IconDatabaseImport,
  IconLockQuestion,
  IconTableMinus,
  IconTablePlus,
  IconUsers,
} from '@tabler/icons-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ResourceMenu, type ResourceMenuProps } from './resource-menu'
import type { TableAction } from './use-table-action'

export function TableMenuItems({
  table,
  offered,
  likeHref,
  canLoad,
  canSeeAccess,
  onChoose,
  onRequest,
  ...menu
}: Omit<ResourceMenuProps, 'offered' | 'onChoose'> & {
  table: TableIdentifier
  /** Actions that the user may take and the catalog supports. */
  offered: Readonly<Record<TableAction, boolean>>
  /** Address of the form of a new table like this one; null if tables cannot be created here. */
  likeHref: string | null
  canLoad: boolean
  /** Whether the user can manage access here. */
  canSeeAccess: boolean
  onChoose: (action: TableAction) => void
  /** Null for users who can already change the table. */
  onRequest: (() => void) | null
}) {
  const router = useRouter()
  return (
    <ResourceMenu
      {...menu}
      label="Table actions"
      offered={offered}
      onChoose={onChoose}
      afterAbout={
        <>
          {canLoad && (
            <ReasonedItem icon={IconDatabaseImport} onClick={() => router.push(paths.load(table))}>
              Load data…
            </ReasonedItem>
          )}
          {likeHref !== null && (
            <ReasonedItem icon={IconTablePlus} onClick={() => router.push(likeHref)}>
              New table like this…
            </ReasonedItem>
          )}
          {offered.clone && (
            <ReasonedItem icon={IconCopy} onClick={() => onChoose('clone')}>
              Clone…
            </ReasonedItem>
          )}
        </>
      }
      {...(offered['delete-rows'] && {
        beforeDrop: (
          <ReasonedItem icon={IconTableMinus} isDangerous onClick={() => onChoose('delete-rows')}>
            Delete matching rows…
          </ReasonedItem>
        ),
      })}
      afterRename={
        <>
          {canSeeAccess && (
            <Menu.Item
              component={Link}
              href={paths.accessTo(table)}
              leftSection={<IconUsers size={15} stroke={1.6} aria-hidden />}
            >
              Who has access
            </Menu.Item>
          )}
          {onRequest !== null && (
            <ReasonedItem icon={IconLockQuestion} onClick={onRequest}>
              Request access…
            </ReasonedItem>
          )}
        </>
      }
    />
  )
}
