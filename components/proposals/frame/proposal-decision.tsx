'use client'
import { Button } from '@mantine/core'
import { IconGitCommit } from '@tabler/icons-react'
import { type ReactNode, useId, useState } from 'react'
import { ACTION_PERMISSIONS } from '@/components/changes/commit/action-permissions'
import type { Verdict } from '@/components/changes/commit/commit-footer'
import { CommitStanding } from '@/components/changes/commit/commit-standing'
import { useCommitBlocker } from '@/components/changes/commit/use-commit-blocker'
import { LabelChip } from '@/components/shell/catalog-name'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useKnownCatalog } from '@/lib/client/catalogs'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { EntryProposal, Reviewed } from '@/lib/contract/proposals'
import { entryKind, entryLabel, entryLabelInCatalog, toResource } from '@/lib/names/identifiers'
import classes from './proposal-frame.module.css'
import { SendBackForm } from './send-back-form'
import { useShownEntry } from './shown-entry'
import type { Decision } from './use-proposal-decision'

/** Whether a proposal can be committed as its review shows it. */
export type ProposalVerdict = Verdict & {
  /** The shown review, as the commit names it. */
  reviewed?: Reviewed
}

type ProposalDecisionProps = {
  proposal: EntryProposal
  /** Absent while the review is being prepared. */
  verdict: ProposalVerdict | undefined
  decision: Decision
  /** Another use of the proposed action, for users who cannot commit it. */
  alternative?: ReactNode
}

const NO_VERDICT: ProposalVerdict = { fits: false }

/** *Commit*, *Send back* and *Withdraw*, as far as the user may; of a decided proposal only what can follow. */
export function ProposalDecision({ proposal, verdict, decision, alternative }: ProposalDecisionProps) {
  const { entry, readOnlyReason } = useShownEntry()
  const kind = entryKind(entry)
  const canMaintain = useHasPermission('table:maintain', toResource(entry)) === true
  const permission = ACTION_PERMISSIONS[proposal.action.kind]
  const [isSendingBack, setSendingBack] = useState(false)
  const reasonId = useId()
  const commitOff = useCommitBlocker(entry, { proposal, permission })
  const isOpen = proposal.state === 'open'
  const {
    fits = true,
    label = 'Commit',
    commitProblem = null,
    needsConfirmation = false,
    reviewed,
  } = verdict ?? NO_VERDICT
  const reason = readOnlyReason ?? commitOff.reason ?? commitProblem
  const canCommit = fits && commitOff.isKnown && reason === null
  const needsName = canCommit && needsConfirmation
  const isBusy = decision.isCommitting || decision.isClosing
  const { hasOthers, label: catalogLabel } = useKnownCatalog(entry.catalog)
  const name = hasOthers ? entryLabelInCatalog(entry) : entryLabel(entry)
  if (!isOpen && proposal.state === 'committed') return null
  if (isOpen && isSendingBack) {
    return (
      <footer className={classes.foot}>
        <SendBackForm
          proposedBy={proposal.proposedBy}
          kind={kind}
          isPending={decision.isClosing}
          onCancel={() => setSendingBack(false)}
          onSend={decision.sendBack}
        />
      </footer>
    )
  }
  return (
    <footer className={classes.foot}>
      {isOpen && (
        <CommitStanding
          reason={reason}
          reasonId={reasonId}
          safe={canCommit && decision.error === null ? `The changes fit the ${kind} as it is now.` : undefined}
        />
      )}
      <div className="flow gap-8 to-end">
        {!(isOpen && fits) && alternative}
        {isOpen && proposal.isOwn && (
          <WaitingButton variant="default" loading={decision.isClosing} disabled={isBusy} onClick={decision.withdraw}>
            Withdraw
          </WaitingButton>
        )}
        {isOpen && !proposal.isOwn && canMaintain && (
          <Button variant="default" disabled={isBusy} onClick={() => setSendingBack(true)}>
            Send back…
          </Button>
        )}
        {isOpen && !needsName && (
          <WaitingButton
            leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
            loading={decision.isCommitting}
            disabled={!canCommit || isBusy}
            onClick={() => decision.commit({ reviewed })}
            {...(reason !== null && { 'aria-describedby': reasonId })}
          >
            {label}
          </WaitingButton>
        )}
      </div>
      {isOpen && needsName && (
        <DangerConfirm
          name={name}
          of={catalogLabel && <LabelChip {...catalogLabel} />}
          action={label}
          isPending={decision.isCommitting}
          onConfirm={() => decision.commit({ confirmedName: name, reviewed })}
        />
      )}
    </footer>
  )
}
