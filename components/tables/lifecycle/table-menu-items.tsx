'use client'
import { Menu } from '@mantine/core'
import { IconCopy, IconCursorText, IconInfoCircle, IconTablePlus, IconTrash } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import type { TableAction } from './use-table-action'

export function TableMenuItems({
  offered,
  likeHref,
  isProtected,
  onChoose,
  opened,
  onChange,
}: LoadedMenuProps & {
  /** What the user may do and the catalog supports. */
  offered: Readonly<Record<TableAction, boolean>>
  /** The form of a new table like this one; null: none can be created here. */
  likeHref: string | null
  isProtected: boolean
  onChoose: (action: TableAction) => void
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
