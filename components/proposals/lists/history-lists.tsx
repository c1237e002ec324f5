'use client'
import Link from 'next/link'
import { useShownTable } from '@/components/table/frame/shown-table'
import { Toolbar } from '@/components/ui/toolbar'
import { paths } from '@/lib/paths/paths'
import classes from './history-lists.module.css'

/** The choice between what happened to a table and what is proposed for it. */
export function HistoryLists({ shown }: { shown: 'history' | 'proposals' }) {
  const { table, detail } = useShownTable()
  const lists = [
    { list: 'history', label: 'Changes', href: paths.table(table, 'history') },
    { list: 'proposals', label: 'Proposals', href: paths.proposals(table) },
  ] as const
  return (
    <Toolbar>
      <nav aria-label="List" className={classes.lists}>
        {lists.map(({ list, label, href }) => (
          <Link key={list} href={href} prefetch={false} aria-current={shown === list ? 'page' : undefined}>
            {label}
            {list === 'proposals' && detail.openProposalCount > 0 && (
              <span className={classes.count}> {detail.openProposalCount} open</span>
            )}
          </Link>
        ))}
      </nav>
    </Toolbar>
  )
}
