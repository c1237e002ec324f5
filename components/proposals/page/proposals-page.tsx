'use client'
import type { ReactNode } from 'react'
import type { ProposedEntry } from '@/lib/client/table/proposals'
import type { EntryKind } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { HistoryLists } from '../lists/history-lists'
import { ProposalList } from '../lists/proposal-list'
import { EntrySubPage } from './entry-sub-page'

/** The newest proposals of an entry, open and decided. Those of a table are one of the lists of its history. */
export function ProposalsPage({ entry }: { entry: ProposedEntry }) {
  const kind = 'view' in entry ? 'view' : 'table'
  const list = <ProposalList entry={entry} empty={EMPTY[kind]} />
  if ('table' in entry) {
    return (
      <>
        <HistoryLists shown="proposals" />
        {list}
      </>
    )
  }
  return (
    <EntrySubPage entry={entry} title="Proposals" back={{ label: `Back to the ${kind}`, href: paths.view(entry) }}>
      {list}
    </EntrySubPage>
  )
}

const EMPTY: Readonly<Record<Exclude<EntryKind, 'namespace'>, ReactNode>> = {
  table: (
    <>
      Nothing is proposed. Change the schema, the layout or the settings, choose <strong>Review</strong>, then{' '}
      <strong>Propose…</strong>: another user commits the changes or sends them back.
    </>
  ),
  view: (
    <>
      Nothing is proposed. Edit, rename or drop the view, and choose <strong>Propose…</strong>: another user commits the
      change or sends it back.
    </>
  ),
}
