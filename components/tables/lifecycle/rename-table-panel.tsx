'use client'
import { useState } from 'react'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { ProposedNotice } from '@/components/changes/proposed-notice'
import { useCommitOff } from '@/components/changes/use-commit-off'
import { useLeadAway } from '@/components/ui/use-lead-away'
import { renameReviewQuery, useRenameTable } from '@/lib/client/lifecycle/tables'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import { RenamePanel } from './rename-panel'
import { useNameOff } from './use-name-off'

/** Gives the table another name, and leads to it; or proposes it. */
export function RenameTablePanel({ table, onClose }: { table: TableIdentifier; onClose: () => void }) {
  const leadAway = useLeadAway()
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const rename = useRenameTable(table, (renamed) => leadAway(paths.table(renamed)))
  const { reason, isKnown } = useCommitOff(table, { permission: 'table:maintain' })
  return (
    <RenamePanel
      entry={table}
      kind="table"
      reviewQuery={(to) => renameReviewQuery(table, to)}
      // Enter sends nothing that the button would not.
      rename={{ ...rename, mutate: (to) => isKnown && reason === null && rename.mutate(to) }}
      notice={proposal && <ProposedNotice table={table} proposal={proposal} onDismiss={onClose} />}
      footer={({ to, fits, submit }) =>
        proposal === null && (
          <RenameFooter
            // What was about to be proposed is not proposed under another name.
            key={JSON.stringify(to)}
            table={table}
            to={to}
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
  table: TableIdentifier
  to: TableIdentifier
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
      proposed={{ intents: [], action: { kind: 'rename', toNamespace: [...to.namespace], toTable: to.table } }}
      permission="table:maintain"
      commitProblem={useNameOff(to)}
      action="Rename"
      needsConfirmation={false}
      isPending={rename.isPending}
      error={rename.error}
    />
  )
}
