'use client'
import { EntryProposals } from '@/components/proposals/proposal-list'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ViewSubPage } from './view-sub-page'

/** The newest proposals of a view, open and decided. */
export function ViewProposalsPage({ view }: { view: ViewIdentifier }) {
  return (
    <ViewSubPage view={view} title="Proposals" back={{ label: 'Back to the view', href: paths.view(view) }}>
      <EntryProposals
        entry={view}
        toHref={(proposalId) => paths.proposal(view, proposalId)}
        empty={
          <>
            Nothing is proposed. Edit, rename or drop the view, and choose <strong>Propose…</strong>: another user
            commits the change or sends it back.
          </>
        }
      />
    </ViewSubPage>
  )
}
