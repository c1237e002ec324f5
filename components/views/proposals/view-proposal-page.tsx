'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import classes from '@/components/proposals/proposal-page.module.css'
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
    <ViewSubPage view={view} title="Proposal" back={{ label: 'Back to the proposals', href: paths.proposals(view) }}>
      {query.data ? (
        <ShownProposal view={view} proposal={query.data} />
      ) : (
        <div className={classes.scroll}>
          <Unloaded
            query={query}
            subject={`${namespaceLabel(view.namespace)}.${view.view}`}
            next="The address may be wrong, or the proposal was decided long ago and removed."
            skeleton={[8, 2, 'Reading the proposal']}
          />
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
