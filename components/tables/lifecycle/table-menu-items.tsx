'use client'
import { Menu } from '@mantine/core'
import {
  IconCopy,
  IconCursorText,
  IconInfoCircle,
  IconLockQuestion,
  IconTablePlus,
  IconTrash,
  IconUsers,
} from '@tabler/icons-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import type { TableAction } from './use-table-action'

export function TableMenuItems({
  table,
  offered,
  likeHref,
  isProtected,
  canSeeAccess,
  onChoose,
  onRequest,
  opened,
  onChange,
}: LoadedMenuProps & {
  table: TableIdentifier
  /** What the user may do and the catalog supports. */
  offered: Readonly<Record<TableAction, boolean>>
  /** The form of a new table like this one; null: none can be created here. */
  likeHref: string | null
  isProtected: boolean
  /** Whether the user decides who may here. */
  canSeeAccess: boolean
  onChoose: (action: TableAction) => void
  /** Null for users who may change the table already. */
  onRequest: (() => void) | null
}) {
  const router = useRouter()
  const off = isProtected ? 'protected' : null
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Table actions" aria-labelledby={undefined}>
        {offered.about && (
          <ReasonedItem icon={IconInfoCircle} onClick={() => onChoose('about')}>
            About…
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
        {offered.rename && (
          <ReasonedItem icon={IconCursorText} off={off} onClick={() => onChoose('rename')}>
            Rename or move…
          </ReasonedItem>
        )}
        {canSeeAccess && (
          <Menu.Item
            component={Link}
            href={paths.accessTo(table)}
            leftSection={<IconUsers size={15} stroke={1.6} aria-hidden />}
          >
            Who may here
          </Menu.Item>
        )}
        {onRequest !== null && (
          <ReasonedItem icon={IconLockQuestion} onClick={onRequest}>
            Request access…
          </ReasonedItem>
        )}
        {offered.drop && (
          <>
            <Menu.Divider />
            <ReasonedItem icon={IconTrash} off={off} isDangerous onClick={() => onChoose('drop')}>
              Drop…
            </ReasonedItem>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
