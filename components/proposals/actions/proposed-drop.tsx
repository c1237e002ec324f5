'use client'
import { LostNameNote } from '@/components/changes/action/lost-name-note'
import { DropFigures, describeFileRemoval, dropParts } from '@/components/table/lifecycle/drop-review'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { dropReviewQuery } from '@/lib/client/lifecycle/tables'
import { paths } from '@/lib/paths/paths'
import { ProposalFrame } from '../frame/proposal-frame'
import type { ProposedActionProps } from '../frame/proposed-action-props'
import { useProposedReview } from '../frame/use-proposed-review'

/** A proposed drop, with the files and branches that the table has now. Its commit leads to the namespace. */
export function ProposedDrop({ entry: table, proposal, action: { isPurge } }: ProposedActionProps<'drop'>) {
  const navigateAway = useNavigateAway()
  const { frame, data } = useProposedReview(table, proposal, dropReviewQuery(table, { isPurge }), {
    movesTo: null,
    onCommitted: () => navigateAway(paths.namespace(table.catalog, table.namespace)),
  })
  const problem = data ? (data.dropProblem ?? (isPurge ? data.purgeProblem : null)) : null
  const metadataLocation = data?.metadataLocation ?? null
  const files = data && describeFileRemoval(data, isPurge)
  return (
    <ProposalFrame
      {...frame}
      verdict={
        metadataLocation === null
          ? undefined
          : {
              fits: problem === null,
              needsConfirmation: true,
              label: isPurge ? 'Drop and remove files' : 'Drop',
              reviewed: { kind: 'drop', metadataLocation },
            }
      }
      {...dropParts(data, isPurge)}
      warnings={problem === null ? [] : [problem]}
    >
      {data && !frame.decision.isOwn && <LostNameNote entry={table} loss="drop" />}
      {data && <DropFigures review={data} />}
      {files && (
        <p>
          Files: {files.label.charAt(0).toLowerCase()}
          {files.label.slice(1)}. {files.description}
        </p>
      )}
    </ProposalFrame>
  )
}
