'use client'
import { Menu } from '@mantine/core'
import { IconPlayerTrackNext } from '@tabler/icons-react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { Key } from '@/components/ui/values/key'

export type RunMenuActions = { onRunAll: () => void }

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

/** What else can be done with the statements of the text. */
export function RunMenuItems({ actions, opened, onChange }: LoadedMenuProps & { actions: RunMenuActions }) {
  return (
    <Menu position="bottom-start" width={260} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="All statements" aria-labelledby={undefined}>
        <Menu.Item
          leftSection={<IconPlayerTrackNext {...ICON} />}
          rightSection={<Key>Ctrl ⇧ ↵</Key>}
          onClick={actions.onRunAll}
        >
          Run all statements
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
