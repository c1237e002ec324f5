'use client'
import { useState } from 'react'
import type { CompletedAction } from '@/components/changes/commit/action-notice'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { type CommittedIntents, useKeyedCommit } from '@/components/changes/commit/use-keyed-commit'
import { useReview } from '@/components/changes/action/use-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import { BranchChoice } from '@/components/table/refs/branch-choice'
import { missingSnapshot } from '@/components/table/refs/missing-snapshot'
import { uncheckedMoveWarnings } from '@/lib/changes/edits/unchecked-move'
import { cherryPickQuery, useCherryPick } from '@/lib/client/table/cherry-picks'
import { AppError } from '@/lib/errors'
import { pickParts } from './pick-review'
import { useUnknownAncestry } from './use-unknown-ancestry'

type CherryPickPanelProps = { snapshotId: string; onClose: () => void; onDone: (done: CompletedAction) => void }

/** Previews picking a snapshot onto a branch. */
export function CherryPickPanel({ snapshotId, onClose, onDone }: CherryPickPanelProps) {
  const { table, detail } = useShownTable()
  const [branch, setBranch] = useState('main')
  const commit = useCherryPick(table)
  const { query, data } = useReview(cherryPickQuery(table, snapshotId, branch), commit)
  const ancestry = useUnknownAncestry(data)
  const request = {
    snapshotId,
    branch,
    tipSnapshotId: data?.tip?.snapshotId ?? null,
    ...(ancestry.isConfirmed && { allowsUnknownAncestry: true }),
  }
  const write = useKeyedCommit<typeof request, CommittedIntents>(table, [request], commit, ({ auditId }) =>
    onDone({
      auditId,
      canUndo: false,
      undoneInHistory: true,
      message: `Snapshot ${snapshotId} was cherry-picked onto ${branch}.`,
    }),
  )
  return (
    <ActionPanel
      title={`Cherry-pick onto ${branch}`}
      entry={table}
      choices={<BranchChoice refs={detail.refs} branch={branch} onChange={setBranch} />}
      query={query}
      problem={isMissingSnapshot(query.error) ? missingSnapshot(onClose) : {}}
      warnings={data && uncheckedMoveWarnings(detail.properties, { refName: branch })}
      {...pickParts(data, ancestry)}
      write={write}
      action={
        data
          ? {
              proposed: { kind: 'cherry-pick', snapshotId, branch },
              label: 'Cherry-pick',
              subject: branch,
              isIncomplete: ancestry.isMissing,
              commit: () => write.send(request),
            }
          : null
      }
      onClose={onClose}
      onProposed={(proposal) => onDone({ proposal })}
    />
  )
}

function isMissingSnapshot(error: Error | null): boolean {
  return error instanceof AppError && error.code === 'not-found' && error.facts['snapshotId'] !== undefined
}
