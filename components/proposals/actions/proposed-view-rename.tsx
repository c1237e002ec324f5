'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { useProposalDecision } from '../frame/use-proposal-decision'
import { toScripts } from '@/components/table/lifecycle/lifecycle-scripts'
import { useNameBlocker } from '@/components/table/lifecycle/use-name-blocker'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { viewRenameReviewQuery } from '@/lib/client/lifecycle/views'
import type { EntryActionOf, ViewProposal } from '@/lib/contract/proposals'
import { asTableIdentifier, namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ActionSummary } from './action-summary'
import { ProposalFrame } from '../frame/proposal-frame'

type ProposedViewRenameProps = {
  entry: ViewIdentifier
  proposal: ViewProposal
  action: EntryActionOf<'rename-view'>
}

/** A proposed rename or move: how it is made, and whether the name is free now. Its commit leads to the new name. */
export function ProposedViewRename({ entry: view, proposal, action }: ProposedViewRenameProps) {
  const to = { catalog: view.catalog, namespace: action.toNamespace, view: action.toView }
  const navigateAway = useNavigateAway()
  const decision = useProposalDecision(view, proposal, {
    movesTo: to,
    onCommitted: () => navigateAway(paths.proposal(to, proposal.proposalId)),
  })
  const isOpen = proposal.state === 'open'
  const review = useQuery({ ...viewRenameReviewQuery(view, to), enabled: isOpen && !decision.isOwn })
  const data = isOpen && !review.error ? review.data : undefined
  const commitProblem = useNameBlocker(asTableIdentifier(to), 'view')
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      review={
        data ? { fits: data.nameProblem === null, needsConfirmation: false, action: 'Rename', commitProblem } : null
      }
    >
      <ActionSummary action={action} />
      <p>
        Versions, location and uuid stay as they are. Queries, jobs and links that name the view by its old name will no
        longer find it.
      </p>
      {isOpen && (
        <Unloaded
          query={review}
          subject={`${namespaceLabel(view.namespace)}.${view.view}`}
          skeleton={[4, 2, 'Checking the name']}
        />
      )}
      {data && data.nameProblem !== null && <WarningNote>{data.nameProblem}</WarningNote>}
      {data?.warnings.map((warning) => (
        <WarningNote key={warning}>{warning}</WarningNote>
      ))}
      {data && <CommitTabs request={data.request} scripts={toScripts(data.statements)} changeCount={1} />}
    </ProposalFrame>
  )
}
