'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { TabLabel } from '@/components/ui/tab-row'
import tabs from '@/components/ui/tab-row.module.css'
import { paths } from '@/lib/paths/paths'
import { LazyOpenRequestCount } from '../lazy-open-request-count'
import { useSettingsPages } from './use-settings-pages'

/** The settings pages as a row of links above each of them. */
export function SettingsNav() {
  const pathname = usePathname()
  const pages = useSettingsPages()
  return (
    <nav className={tabs.row} aria-label="Settings">
      {pages.map(({ label, href }) => (
        <Link
          key={href}
          href={href}
          className={tabs.tab}
          prefetch={false}
          {...((pathname === href || pathname.startsWith(`${href}/`)) && { 'aria-current': 'page' })}
        >
          <TabLabel>{label}</TabLabel>
          {href === paths.users() && <LazyOpenRequestCount className={tabs.mark} />}
        </Link>
      ))}
    </nav>
  )
}
