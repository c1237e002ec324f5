'use client'
import { Menu } from '@mantine/core'
import { IconCopy, IconExternalLink, IconPlayerPlay, IconTextPlus } from '@tabler/icons-react'
import Link from 'next/link'
import { FavouriteMenuItem } from '@/components/shell/shortcuts/favourite-menu-item'
import type { FavouriteTarget } from '@/lib/contract/shortcuts'
import { targetFromPathname } from '@/lib/paths/paths'

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
  /** Address of the table's page; null if it has none. */
  href: string | null
  onInsert: (sql: string) => void
  onPreview: (name: string) => void
  onClose: () => void
}) {
  const target = href === null ? null : favouriteAt(href)
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
        {href !== null && (
          <Menu.Item component={Link} href={href} prefetch={false} leftSection={<IconExternalLink {...ICON} />}>
            Open page
          </Menu.Item>
        )}
        {target && <FavouriteMenuItem target={target} />}
      </Menu.Dropdown>
    </Menu>
  )
}

/** The table or view whose page has this address. */
function favouriteAt(href: string): FavouriteTarget | null {
  const { catalog, namespace, table, view } = targetFromPathname(href)
  const name = table ?? view
  if (catalog === undefined || namespace === undefined || name === undefined) return null
  return { kind: view === undefined ? 'table' : 'view', catalog, namespace, name }
}
