'use client'
import { useState } from 'react'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { ProposedNotice } from '@/components/changes/proposed-notice'
import { useCommitOff } from '@/components/changes/use-commit-off'
import { RenamePanel } from '@/components/tables/lifecycle/rename-panel'
import { useNameOff } from '@/components/tables/lifecycle/use-name-off'
import { useLeadAway } from '@/components/ui/use-lead-away'
import { useRenameView, viewRenameReviewQuery } from '@/lib/client/lifecycle/views'
import { asTableIdentifier, asViewIdentifier, type ViewIdentifier } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import type { ViewPanelProps } from './view-panel-props'

/** Gives the view another name, and leads to it; or proposes it. */
export function RenameViewPanel({ view, onClose }: ViewPanelProps) {
  const leadAway = useLeadAway()
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const rename = useRenameView(view, (renamed) => leadAway(paths.view(renamed)))
  const entry = asTableIdentifier(view)
  const { reason, isKnown } = useCommitOff(entry, { permission: 'table:maintain', kind: 'view' })
  return (
    <RenamePanel
      entry={entry}
      kind="view"
      reviewQuery={(to) => viewRenameReviewQuery(view, asViewIdentifier(to))}
      // Enter sends nothing that the button would not.
      rename={{ ...rename, mutate: (to) => isKnown && reason === null && rename.mutate(asViewIdentifier(to)) }}
      notice={proposal && <ProposedNotice view={view} proposal={proposal} onDismiss={onClose} />}
      footer={({ to, fits, submit }) =>
        proposal === null && (
          <RenameFooter
            // What was about to be proposed is not proposed under another name.
            key={JSON.stringify(to)}
            view={view}
            to={asViewIdentifier(to)}
            fits={fits}
            rename={rename}
            onClose={onClose}
            onCommit={submit}
            onProposed={setProposal}
          />
        )
      }
      onClose={onClose}
    />
  )
}

type RenameFooterProps = {
  view: ViewIdentifier
  to: ViewIdentifier
  fits: boolean
  rename: { isPending: boolean; error: Error | null }
  onClose: () => void
  onCommit: () => void
  onProposed: (proposal: NewProposal) => void
}

function RenameFooter({ to, rename, ...footer }: RenameFooterProps) {
  return (
    <CommitFooter
      {...footer}
      proposed={{ action: { kind: 'rename-view', toNamespace: [...to.namespace], toView: to.view } }}
      permission="table:maintain"
      commitProblem={useNameOff(asTableIdentifier(to), 'view')}
      action="Rename"
      needsConfirmation={false}
      isPending={rename.isPending}
      error={rename.error}
    />
  )
}
