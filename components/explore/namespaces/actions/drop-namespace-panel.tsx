'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { ProposedNotice } from '@/components/changes/proposed-notice'
import { Unloaded } from '@/components/shell/unloaded'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { namespaceDropReviewQuery, useDropNamespace } from '@/lib/client/lifecycle/namespaces'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { parentPath } from '@/lib/paths/parent-path'
import { DroppedContents, dropLabel } from './dropped-contents'

type DropNamespacePanelProps = { catalog: string; namespace: Namespace; onClose: () => void }

/** Drops a namespace with what is in it, which it lists, or proposes that; of one that cannot be dropped it says why. */
export function DropNamespacePanel({ catalog, namespace, onClose }: DropNamespacePanelProps) {
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const navigateAway = useNavigateAway()
  const drop = useDropNamespace(catalog, namespace, () => navigateAway(parentPath({ catalog, namespace })))
  const review = useQuery({
    ...namespaceDropReviewQuery(catalog, namespace),
    // The contents disappear while the namespace is dropped.
    enabled: !drop.isPending && !drop.isSuccess,
  })
  const name = namespaceLabel(namespace)
  const data = review.error ? undefined : review.data
  return (
    <SidePanel
      title="Drop namespace"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        data &&
        proposal === null &&
        (data.problems.length === 0 ? (
          <CommitFooter
            namespace={{ catalog, namespace }}
            proposed={{ kind: 'drop-namespace' }}
            permission="table:maintain"
            action={dropLabel(data)}
            fits
            commitProblem={data.policyBlockers.length === 0 ? null : data.policyBlockers.join(' ')}
            needsConfirmation
            isPending={drop.isPending}
            error={drop.error}
            onClose={onClose}
            onCommit={() => drop.mutate({ confirmedName: name, contents: data.contents })}
            onProposed={setProposal}
          />
        ) : (
          <div className="columns gap-8 to-end">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
          </div>
        ))
      }
    >
      <div className="stack gap-12">
        {proposal && (
          <ProposedNotice entry={{ catalog, namespace }} proposal={proposal} isInPanel onDismiss={onClose} />
        )}
        <Unloaded query={review} subject={`Namespace ${name}`} skeleton={[3, 2, 'Reading what is in the namespace']} />
        {data?.problems.map((problem) => (
          <WarningNote key={problem}>{problem}</WarningNote>
        ))}
        {data && <DroppedContents review={data} />}
      </div>
    </SidePanel>
  )
}
