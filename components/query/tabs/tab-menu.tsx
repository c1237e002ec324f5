'use client'
import { Menu } from '@mantine/core'
import { IconArrowBackUp, IconArrowLeft, IconArrowRight, IconCopy, IconPencil, IconX } from '@tabler/icons-react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { MAX_TABS, tabLabel } from '@/lib/client/query/query-tabs'
import type { QueryTabsModel } from './use-query-tabs'

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

/** The actions on the active tab, also for users without a keyboard. */
export function TabMenu({
  model,
  onRename,
  opened,
  onChange,
}: LoadedMenuProps & { model: QueryTabsModel; onRename: () => void }) {
  const { tabs, active, closed } = model
  const index = tabs.indexOf(active)
  const last = closed[0]?.tab
  const isFull = tabs.length >= MAX_TABS
  const closeOthers = () => {
    for (const { id } of tabs) if (id !== active.id) model.close(id)
  }
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={`${tabLabel(active)} options`} aria-labelledby={undefined}>
        {/* After the menu has returned the focus to its button. */}
        <Menu.Item leftSection={<IconPencil {...ICON} />} onClick={() => setTimeout(onRename, 50)}>
          Rename
        </Menu.Item>
        <Menu.Item
          leftSection={<IconCopy {...ICON} />}
          disabled={isFull}
          onClick={() => {
            const { sql, connection, asOf, parameters, display } = active
            model.add({ sql, connection, asOf, parameters, display })
          }}
        >
          Duplicate
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowLeft {...ICON} />}
          disabled={index === 0}
          onClick={() => model.move(active.id, index - 1)}
        >
          Move left
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowRight {...ICON} />}
          disabled={index === tabs.length - 1}
          onClick={() => model.move(active.id, index + 1)}
        >
          Move right
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconX {...ICON} />} onClick={() => model.close(active.id)}>
          Close
        </Menu.Item>
        <Menu.Item leftSection={<IconX {...ICON} />} disabled={tabs.length === 1} onClick={closeOthers}>
          Close others
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowBackUp {...ICON} />}
          disabled={last === undefined || isFull}
          onClick={model.reopen}
        >
          {last === undefined ? 'Reopen closed tab' : `Reopen ${tabLabel(last)}`}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
