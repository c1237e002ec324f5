'use client'
import type { ReactNode } from 'react'
import type { ProposedEntry } from '@/lib/client/table/proposals'
import { type EntryKind, entryKind, type NamespaceIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { HistoryLists } from '../lists/history-lists'
import { ProposalList } from '../lists/proposal-list'
import { EntrySubPage } from './entry-sub-page'

/** The newest proposals of an entry, open and decided. Those of a table are one of the lists of its history. */
export function ProposalsPage({ entry }: { entry: ProposedEntry }) {
  const kind = entryKind(entry)
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
    <EntrySubPage entry={entry} title="Proposals" back={{ label: `Back to the ${kind}`, href: toHref(entry) }}>
      {list}
    </EntrySubPage>
  )
}

function toHref(entry: ViewIdentifier | NamespaceIdentifier): string {
  return 'view' in entry ? paths.view(entry) : paths.namespace(entry.catalog, entry.namespace)
}

const EMPTY: Readonly<Record<EntryKind, ReactNode>> = {
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
  namespace: (
    <>
      Nothing is proposed for the namespace itself. Choose <strong>Drop…</strong>, then <strong>Propose…</strong>:
      another user drops it or sends the proposal back.
    </>
  ),
}
