'use client'
import Link from 'next/link'
import { TabLabel } from '@/components/ui/tab-row'
import tabRow from '@/components/ui/tab-row.module.css'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

/** The definition of a view, and its first rows. */
export function ViewTabs({ view, shown }: { view: ViewIdentifier; shown: 'definition' | 'data' }) {
  const tabs = [
    { tab: 'definition', label: 'Definition', href: paths.view(view) },
    { tab: 'data', label: 'Data', href: paths.viewData(view) },
  ] as const
  return (
    <nav className={tabRow.row} aria-label="View">
      {tabs.map(({ tab, label, href }) => (
        <Link
          key={tab}
          href={href}
          prefetch={false}
          className={tabRow.tab ?? ''}
          aria-current={tab === shown ? 'page' : undefined}
        >
          <TabLabel>{label}</TabLabel>
        </Link>
      ))}
    </nav>
  )
}
