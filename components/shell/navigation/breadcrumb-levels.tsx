'use client'
import { Menu } from '@mantine/core'
import Link from 'next/link'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import type { Crumb } from './breadcrumb-trail'

/** The levels of a deep namespace that the breadcrumbs have no room for. */
export function BreadcrumbLevels({ crumbs, opened, onChange }: LoadedMenuProps & { crumbs: readonly Crumb[] }) {
  return (
    <Menu position="bottom-start" opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={`${crumbs.length} more levels`} aria-labelledby={undefined}>
        {crumbs.map(({ label, href }, index) => (
          <Menu.Item key={`${index} ${label}`} component={Link} href={href ?? ''}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
