'use client'
import { useQuery } from '@tanstack/react-query'
import classes from '@/components/proposals/proposal-page.module.css'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { retryFetch } from '@/lib/client/call/retry'
import { viewProposalQuery } from '@/lib/client/table/proposals'
import type { ViewProposal } from '@/lib/contract/lifecycle/view-proposals'
import { namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ProposedViewChange } from './proposed-view-change'
import { ProposedViewDrop } from './proposed-view-drop'
import { ProposedViewRename } from './proposed-view-rename'
import { ViewSubPage } from './view-sub-page'

/** A proposal of a view: what it would do to the view as it is now, and the decision. */
export function ViewProposalPage({ view, proposalId }: { view: ViewIdentifier; proposalId: string }) {
  const query = useQuery(viewProposalQuery(view, proposalId))
  return (
    <ViewSubPage
      view={view}
      title="Proposal"
      back={{ label: 'Back to the proposals', href: paths.viewProposals(view) }}
    >
      {query.data ? (
        <ShownProposal view={view} proposal={query.data} />
      ) : (
        <div className={classes.scroll}>
          {query.error ? (
            <ProblemNote
              error={query.error}
              subject={`${namespaceLabel(view.namespace)}.${view.view}`}
              next="The address may be wrong, or the proposal was decided long ago and removed."
              onRetry={() => retryFetch(query.refetch)}
            />
          ) : (
            <SkeletonRows rows={8} columns={2} label="Reading the proposal" />
          )}
        </div>
      )}
    </ViewSubPage>
  )
}

function ShownProposal({ view, proposal }: { view: ViewIdentifier; proposal: ViewProposal }) {
  const { action } = proposal
  if (action.kind === 'change-view') return <ProposedViewChange view={view} proposal={proposal} edit={action.edit} />
  if (action.kind === 'rename-view') return <ProposedViewRename view={view} proposal={proposal} action={action} />
  return <ProposedViewDrop view={view} proposal={proposal} />
}
