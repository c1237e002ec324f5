'use client'
import { Menu } from '@mantine/core'
import { IconCursorText, IconInfoCircle, IconListDetails, IconTrash } from '@tabler/icons-react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import type { ViewAction } from './use-view-action'

export function ViewMenuItems({
  offered,
  isProtected,
  onChoose,
  opened,
  onChange,
}: LoadedMenuProps & {
  /** What the user may do and the catalog supports. */
  offered: Readonly<Record<Exclude<ViewAction, 'roll-back'>, boolean>>
  isProtected: boolean
  onChoose: (action: ViewAction) => void
}) {
  const off = isProtected ? 'protected' : null
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="View actions" aria-labelledby={undefined}>
        {offered.about && (
          <ReasonedItem icon={IconInfoCircle} onClick={() => onChoose('about')}>
            About…
          </ReasonedItem>
        )}
        {offered.properties && (
          <ReasonedItem icon={IconListDetails} onClick={() => onChoose('properties')}>
            Properties…
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
