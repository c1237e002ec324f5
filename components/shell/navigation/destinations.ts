import {
  IconChartHistogram,
  IconClipboardList,
  IconDatabaseImport,
  IconHome,
  IconListTree,
  IconProgressCheck,
  IconSettings,
  IconTerminal2,
  type TablerIcon,
} from '@tabler/icons-react'
import { paths } from '@/lib/paths/paths'
import type { Permission } from '@/lib/permissions'

type Destination = {
  label: string
  href: string
  icon: TablerIcon
  /** Paths below these belong to the destination too. */
  within: readonly string[]
  /** The second key of the shortcut `g …`. */
  goKey: string
  /** Left out of the bar of a phone, which has room for five: files are rarely on one. The menu of the account has it. */
  isWideOnly?: true
  /** Without it the destination is not offered. */
  permission?: Permission
}

/** The entries of the rail and the bottom bar, in order. */
export const DESTINATIONS: readonly Destination[] = [
  { label: 'Home', href: paths.home(), icon: IconHome, within: [], goKey: 'h' },
  {
    label: 'Explore',
    href: paths.catalogs(),
    icon: IconListTree,
    within: [paths.catalogs()],
    goKey: 'e',
  },
  {
    label: 'Query',
    href: paths.query(),
    icon: IconTerminal2,
    within: [paths.query()],
    goKey: 'q',
  },
  {
    label: 'Load',
    href: paths.load(),
    icon: IconDatabaseImport,
    within: [paths.load()],
    goKey: 'l',
    isWideOnly: true,
  },
  {
    label: 'Dashboards',
    href: paths.ingestionDashboard(),
    icon: IconChartHistogram,
    within: ['/dashboards'],
    goKey: 'd',
  },
  {
    label: 'Jobs',
    href: paths.jobs(),
    icon: IconProgressCheck,
    within: [paths.jobs()],
    goKey: 'j',
  },
  {
    label: 'Audit',
    href: paths.audit(),
    icon: IconClipboardList,
    within: [paths.audit()],
    goKey: 'a',
    permission: 'audit:read',
  },
]

export const SETTINGS: Destination = {
  label: 'Settings',
  href: paths.account(),
  icon: IconSettings,
  within: ['/settings'],
  goKey: 's',
}

/** `label` is that of the tab, `title` makes sense out of context. */
type SettingsPage = Pick<Destination, 'label' | 'href' | 'permission'> & { title: string }

/** The settings pages, in the order of their tabs. Some need a permission. */
export const SETTINGS_PAGES: readonly SettingsPage[] = [
  {
    label: 'Account',
    title: 'Account settings',
    href: paths.account(),
  },
  { label: 'Tokens', title: 'Token settings', href: paths.tokens() },
  {
    label: 'Connections',
    title: 'Connection settings',
    href: paths.connections(),
    permission: 'console:admin',
  },
  {
    label: 'Users',
    title: 'Users and access',
    href: paths.users(),
    permission: 'access:manage',
  },
  { label: 'API', title: 'API reference', href: paths.apiReference() },
]

export function isWithin(pathname: string, { href, within }: Destination): boolean {
  return pathname === href || within.some((root) => pathname === root || pathname.startsWith(`${root}/`))
}
