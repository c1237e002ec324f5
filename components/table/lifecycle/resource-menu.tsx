'use client'
import { Menu } from '@mantine/core'
import { IconCursorText, IconInfoCircle, IconTrash } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'

type ResourceAction = 'about' | 'rename' | 'drop'

export type ResourceMenuProps = LoadedMenuProps & {
  /** Actions that the user may take and the catalog supports. */
  offered: Readonly<Record<ResourceAction, boolean>>
  isProtected: boolean
  onChoose: (action: ResourceAction) => void
}

/** The menu of a table or a view: the common items, with the particular ones between them. */
export function ResourceMenu({
  label,
  offered,
  isProtected,
  onChoose,
  afterAbout,
  afterRename,
  beforeDrop,
  opened,
  onChange,
}: ResourceMenuProps & {
  label: string
  afterAbout?: ReactNode
  afterRename?: ReactNode
  /** Other items by which something is lost. */
  beforeDrop?: ReactNode
}) {
  const off = isProtected ? 'protected' : null
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={label} aria-labelledby={undefined}>
        {offered.about && (
          <ReasonedItem icon={IconInfoCircle} onClick={() => onChoose('about')}>
            About…
          </ReasonedItem>
        )}
        {afterAbout}
        {offered.rename && (
          <ReasonedItem icon={IconCursorText} off={off} onClick={() => onChoose('rename')}>
            Rename or move…
          </ReasonedItem>
        )}
        {afterRename}
        {(offered.drop || beforeDrop !== undefined) && <Menu.Divider />}
        {beforeDrop}
        {offered.drop && (
          <ReasonedItem icon={IconTrash} off={off} isDangerous onClick={() => onChoose('drop')}>
            Drop…
          </ReasonedItem>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
