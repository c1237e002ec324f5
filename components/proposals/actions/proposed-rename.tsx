'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { toScripts } from '@/components/table/lifecycle/lifecycle-scripts'
import { useNameBlocker } from '@/components/table/lifecycle/use-name-blocker'
import { useShownTable } from '@/components/table/frame/shown-table'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { renameReviewQuery } from '@/lib/client/lifecycle/tables'
import type { Proposal } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ActionSummary } from './action-summary'
import { ProposalFrame } from '../frame/proposal-frame'
import { useProposalDecision } from '../frame/use-proposal-decision'

type ProposedRenameProps = { proposal: Proposal; action: Extract<ProposedAction, { kind: 'rename' }> }

/** A proposed rename or move: how it is made, and whether the name is free now. Its commit leads to the new name. */
export function ProposedRename({ proposal, action }: ProposedRenameProps) {
  const { table } = useShownTable()
  const to = { catalog: table.catalog, namespace: action.toNamespace, table: action.toTable }
  const navigateAway = useNavigateAway()
  const decision = useProposalDecision(table, proposal, {
    movesTo: to,
    onCommitted: () => navigateAway(paths.proposal(to, proposal.proposalId)),
  })
  const isOpen = proposal.state === 'open'
  const review = useQuery({ ...renameReviewQuery(table, to), enabled: isOpen && !decision.isOwn })
  const data = isOpen && !review.error ? review.data : undefined
  const commitProblem = useNameBlocker(to)
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
        Files, location, uuid, snapshots and history stay as they are. Queries, jobs and links that name the table by
        its old name will no longer find it.
      </p>
      {isOpen && (
        <Unloaded
          query={review}
          subject={`${namespaceLabel(table.namespace)}.${table.table}`}
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
