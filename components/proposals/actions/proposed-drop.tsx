'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { CommitTabs } from '@/components/changes/commit-tabs'
import { DropFigures, describeFileRemoval } from '@/components/table/lifecycle/drop-review'
import { toScripts } from '@/components/table/lifecycle/lifecycle-scripts'
import { useShownTable } from '@/components/table/frame/shown-table'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { dropReviewQuery } from '@/lib/client/lifecycle/tables'
import type { Proposal } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ActionSummary } from './action-summary'
import { ProposalFrame } from '../frame/proposal-frame'
import { useProposalDecision } from '../frame/use-proposal-decision'

type ProposedDropProps = { proposal: Proposal; action: Extract<ProposedAction, { kind: 'drop' }> }

/** A proposed drop, with the files and branches that the table has now. Its commit leads to the namespace. */
export function ProposedDrop({ proposal, action: { isPurge, ...action } }: ProposedDropProps) {
  const { table } = useShownTable()
  const navigateAway = useNavigateAway()
  const decision = useProposalDecision(table, proposal, {
    movesTo: null,
    onCommitted: () => navigateAway(paths.namespace(table.catalog, table.namespace)),
  })
  const isOpen = proposal.state === 'open'
  const review = useQuery({ ...dropReviewQuery(table, { isPurge }), enabled: isOpen && !decision.isOwn })
  const data = isOpen && !review.error ? review.data : undefined
  const problem = data ? (data.dropProblem ?? (isPurge ? data.purgeProblem : null)) : null
  const metadataLocation = data?.metadataLocation ?? null
  const files = data && describeFileRemoval(data, isPurge)
  return (
    <ProposalFrame
      proposal={proposal}
      decision={decision}
      review={
        metadataLocation === null
          ? null
          : {
              fits: problem === null,
              needsConfirmation: true,
              action: isPurge ? 'Drop and remove files' : 'Drop',
              reviewed: { kind: 'drop', metadataLocation },
            }
      }
    >
      <ActionSummary action={{ ...action, isPurge }} />
      {isOpen && (
        <Unloaded
          query={review}
          subject={`${namespaceLabel(table.namespace)}.${table.table}`}
          skeleton={[6, 2, 'Reading what the table has']}
        />
      )}
      {problem !== null && <WarningNote>{problem}</WarningNote>}
      {data && files && (
        <>
          <DropFigures review={data} />
          <p>
            Its files: {files.label.charAt(0).toLowerCase()}
            {files.label.slice(1)}. {files.description}
          </p>
          <CommitTabs
            {...(isPurge
              ? { request: data.purge.request, scripts: toScripts(data.purge.statements) }
              : { request: data.drop.request, scripts: toScripts(data.drop.statements) })}
            changeCount={1}
          />
        </>
      )}
    </ProposalFrame>
  )
}
