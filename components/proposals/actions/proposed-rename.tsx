'use client'
import type { UseQueryOptions } from '@tanstack/react-query'
import { LostNameNote } from '@/components/changes/action/lost-name-note'
import { useIsInUse } from '@/components/changes/action/use-is-in-use'
import { RENAME_STAYS, renameConsequence, renameParts } from '@/components/table/lifecycle/rename-review'
import { useNameBlocker } from '@/components/table/lifecycle/use-name-blocker'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { renameReviewQuery } from '@/lib/client/lifecycle/tables'
import { viewRenameReviewQuery } from '@/lib/client/lifecycle/views'
import type { TableRenameReview } from '@/lib/contract/lifecycle/tables'
import { asTableIdentifier, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** A proposed rename or move of a table. */
export function ProposedRename({ entry: table, proposal, action }: ProposedActionProps<'rename'>) {
  const to = { catalog: table.catalog, namespace: action.toNamespace, table: action.toTable }
  return <Rename entry={table} to={to} proposal={proposal} reviewQuery={renameReviewQuery(table, to)} />
}

/** The same, of a view. */
export function ProposedViewRename({ entry: view, proposal, action }: ProposedActionProps<'rename-view'>) {
  const to = { catalog: view.catalog, namespace: action.toNamespace, view: action.toView }
  return <Rename entry={view} to={to} proposal={proposal} reviewQuery={viewRenameReviewQuery(view, to)} />
}

type RenameProps = Pick<ProposedActionProps<'rename'> | ProposedActionProps<'rename-view'>, 'proposal'> & {
  entry: TableIdentifier | ViewIdentifier
  to: TableIdentifier | ViewIdentifier
  reviewQuery: UseQueryOptions<TableRenameReview, Error, TableRenameReview, string[]>
}

/** How the rename is made, and whether the name is free now. Its commit leads to the new name. */
function Rename({ entry, to, proposal, reviewQuery }: RenameProps) {
  const navigateAway = useNavigateAway()
  const kind = 'view' in entry ? 'view' : 'table'
  const { frame, data } = useProposedReview(entry, proposal, reviewQuery, {
    movesTo: to,
    onCommitted: () => navigateAway(paths.proposal(to, proposal.proposalId)),
  })
  const isInUse = useIsInUse(entry, { enabled: data !== undefined && !frame.decision.isOwn })
  const commitProblem = useNameBlocker('view' in to ? asTableIdentifier(to) : to, kind)
  return (
    <ProposalFrame
      {...frame}
      verdict={
        data && isInUse !== undefined
          ? { fits: data.nameProblem === null, needsConfirmation: isInUse, label: 'Rename', commitProblem }
          : undefined
      }
      {...renameParts(data)}
      warnings={data && [...(data.nameProblem === null ? [] : [data.nameProblem]), ...data.warnings]}
    >
      <p>
        {RENAME_STAYS[kind]} {renameConsequence(kind)}
      </p>
      {data && !frame.decision.isOwn && <LostNameNote entry={entry} loss="rename" />}
    </ProposalFrame>
  )
}
