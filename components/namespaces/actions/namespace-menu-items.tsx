'use client'
import { Menu } from '@mantine/core'
import { IconArrowBackUp, IconInfoCircle, IconListDetails, IconTrash, IconUsers } from '@tabler/icons-react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import type { NamespaceAction } from './use-namespace-action'

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

export function NamespaceMenuItems({
  hasDropped,
  onChoose,
  opened,
  onChange,
}: LoadedMenuProps & {
  /** Whether the catalog knows which tables were dropped. */
  hasDropped: boolean
  onChoose: (action: NamespaceAction) => void
}) {
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Namespace actions" aria-labelledby={undefined}>
        <Menu.Item leftSection={<IconInfoCircle {...ICON} />} onClick={() => onChoose('about')}>
          About…
        </Menu.Item>
        <Menu.Item leftSection={<IconListDetails {...ICON} />} onClick={() => onChoose('properties')}>
          Properties…
        </Menu.Item>
        <Menu.Item leftSection={<IconUsers {...ICON} />} onClick={() => onChoose('policy')}>
          Change policy…
        </Menu.Item>
        {hasDropped && (
          <Menu.Item leftSection={<IconArrowBackUp {...ICON} />} onClick={() => onChoose('dropped')}>
            Dropped tables…
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash {...ICON} />} onClick={() => onChoose('drop')}>
          Drop…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
