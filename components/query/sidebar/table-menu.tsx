'use client'
import { Menu } from '@mantine/core'
import { IconCopy, IconExternalLink, IconPlayerPlay, IconTextPlus } from '@tabler/icons-react'
import Link from 'next/link'

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

/** The menu of a table or view in the sidebar, next to its row. */
export function TableMenu({
  anchor,
  name,
  href,
  onInsert,
  onPreview,
  onClose,
}: {
  anchor: HTMLElement
  /** As SQL. */
  name: string
  /** Address of the table's page. */
  href: string
  onInsert: (sql: string) => void
  onPreview: (name: string) => void
  onClose: () => void
}) {
  const { left, bottom } = anchor.getBoundingClientRect()
  const close = () => {
    onClose()
    // The row, which the tree focuses, also after its button was pressed.
    anchor.closest<HTMLElement>('[role="treeitem"]')?.focus()
  }
  return (
    <Menu opened onClose={close} position="bottom-start" width={220} returnFocus={false}>
      <Menu.Target>
        <span aria-hidden style={{ position: 'fixed', left: left + 24, top: bottom }} />
      </Menu.Target>
      <Menu.Dropdown aria-label={`${name} options`} aria-labelledby={undefined}>
        <Menu.Item leftSection={<IconPlayerPlay {...ICON} />} onClick={() => onPreview(name)}>
          Preview rows
        </Menu.Item>
        <Menu.Item leftSection={<IconTextPlus {...ICON} />} onClick={() => onInsert(name)}>
          Insert name
        </Menu.Item>
        <Menu.Item leftSection={<IconCopy {...ICON} />} onClick={() => void navigator.clipboard?.writeText(name)}>
          Copy name
        </Menu.Item>
        <Menu.Item component={Link} href={href} prefetch={false} leftSection={<IconExternalLink {...ICON} />}>
          Open page
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
