'use client'
import { Menu } from '@mantine/core'
import { IconCursorText, IconTrash } from '@tabler/icons-react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import type { TableDetail } from '@/lib/contract/tables'
import type { TableAction } from './use-table-action'

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

export function TableMenuItems({
  abilities,
  onChoose,
  opened,
  onChange,
}: LoadedMenuProps & Pick<TableDetail, 'abilities'> & { onChoose: (action: TableAction) => void }) {
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Table actions" aria-labelledby={undefined}>
        <Menu.Item
          leftSection={<IconCursorText {...ICON} />}
          disabled={!abilities.includes('rename-table')}
          onClick={() => onChoose('rename')}
        >
          Rename or move…
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconTrash {...ICON} />}
          disabled={!abilities.includes('drop-table')}
          onClick={() => onChoose('drop')}
        >
          Drop…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
