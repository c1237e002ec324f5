'use client'
import Link from 'next/link'
import { usePathname, useSearchParams } from 'next/navigation'
import { type KeyboardEvent, type Ref, useEffect, useRef } from 'react'
import { usePendingCounts } from '@/lib/client/table/pending-changes'
import { TabLabel } from '@/components/ui/tab-row'
import tabRow from '@/components/ui/tab-row.module.css'
import toolbar from '@/components/ui/toolbar.module.css'
import { formatQuantity } from '@/lib/format/count'
import type { ChangeArea } from '@/lib/changes/intents/intent-description'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths, TABLE_TABS, type TableTab } from '@/lib/paths/paths'
import classes from './table-page.module.css'

const TITLES: Record<TableTab, string> = {
  overview: 'Overview',
  data: 'Data',
  schema: 'Schema',
  layout: 'Layout',
  settings: 'Settings',
  snapshots: 'Snapshots',
  files: 'Files',
  history: 'History',
}

const TABS_WITH_TOOLBAR: readonly TableTab[] = ['data', 'schema', 'snapshots', 'files']
const FILE_LEVELS_WITHOUT_TOOLBAR: readonly (string | null)[] = ['metadata', 'manifests']

export const tabPanelId = 'table-tab-panel'

/** The tabs of a table: links that keep the as-of, and the toolbar of the open one. Arrow keys move between tabs. */
export function TableTabs({
  table,
  tableUuid,
  asOf,
  openProposalCount,
  toolbarRef,
}: {
  table: TableIdentifier
  /** Null while the table is being read. */
  tableUuid: string | null
  asOf: AsOf
  /** Below the history. */
  openProposalCount: number
  toolbarRef: Ref<HTMLDivElement>
}) {
  const pathname = usePathname()
  const params = useSearchParams()
  const pendingCounts = usePendingCounts(table, tableUuid)
  const list = useRef<HTMLDivElement>(null)
  // A tab may have pages below it.
  const chosen = TABLE_TABS.findLast((tab) => `${pathname}/`.startsWith(`${paths.table(table, tab)}/`)) ?? 'overview'

  const isLevelWithoutToolbar =
    chosen === 'files' && (params.has('file') || FILE_LEVELS_WITHOUT_TOOLBAR.includes(params.get('level')))
  // Its room is there before it is, so that nothing moves.
  const hasToolbar =
    TABS_WITH_TOOLBAR.includes(chosen) && pathname === paths.table(table, chosen) && !isLevelWithoutToolbar

  // On narrow pages the tabs scroll, so bring the selected one into view.
  useEffect(() => {
    const tab = list.current?.querySelector(`[data-tab="${chosen}"]`)
    tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [chosen])

  const pendingCountOf = (tab: TableTab) => (isChangeArea(tab) ? (pendingCounts.get(tab) ?? 0) : 0)
  const moveFocus = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    const tabs = [...(list.current?.querySelectorAll<HTMLElement>('[role="tab"]') ?? [])]
    const focusedIndex = tabs.indexOf(document.activeElement as HTMLElement)
    tabs.at((focusedIndex + step) % tabs.length)?.focus()
    event.preventDefault()
  }
  return (
    <div className={classes.tabs}>
      <div ref={list} className={tabRow.row} role="tablist" aria-label="Table">
        {TABLE_TABS.map((tab) => (
          <Link
            key={tab}
            role="tab"
            className={tabRow.tab ?? ''}
            href={paths.table(table, tab, asOf)}
            aria-selected={tab === chosen}
            data-tab={tab}
            aria-controls={tabPanelId}
            tabIndex={tab === chosen ? 0 : -1}
            prefetch={false}
            onKeyDown={moveFocus}
          >
            <TabLabel>{TITLES[tab]}</TabLabel>
            <TabCount count={pendingCountOf(tab)} title={(count) => `${count} not committed`} />
            {tab === 'history' && (
              <TabCount count={openProposalCount} title={(count) => formatQuantity(count, 'open proposal')} />
            )}
          </Link>
        ))}
      </div>
      {hasToolbar && <div ref={toolbarRef} className={toolbar.tabToolbar} data-toolbar={chosen} />}
    </div>
  )
}

function TabCount({ count, title }: { count: number; title: (count: number) => string }) {
  if (count === 0) return null
  return (
    <span className={tabRow.count} title={title(count)}>
      {count}
    </span>
  )
}

const CHANGE_AREAS: readonly string[] = ['schema', 'layout', 'settings', 'snapshots'] satisfies ChangeArea[]

function isChangeArea(tab: string): tab is ChangeArea {
  return CHANGE_AREAS.includes(tab)
}
