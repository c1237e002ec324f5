'use client'
import { Button } from '@mantine/core'
import { IconGitCommit, IconLock, IconShieldCheck } from '@tabler/icons-react'
import { type ReactNode, useId, useState } from 'react'
import { useCommitBlocker } from '@/components/changes/use-commit-blocker'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { EntryProposal, Reviewed } from '@/lib/contract/proposals'
import { entryKind, entryLabel, toResource } from '@/lib/names/identifiers'
import { ACTION_PERMISSIONS } from './action-permissions'
import classes from './proposal-frame.module.css'
import { SendBackForm } from './send-back-form'
import { useShownEntry } from './shown-entry'
import type { Decision } from './use-proposal-decision'

/** The review of a proposal that the page shows, on the entry as it is. */
export type ProposalReview = {
  /** Whether it can be committed as it is. */
  fits: boolean
  needsConfirmation: boolean
  /** The shown review, as the commit names it. */
  reviewed?: Reviewed
  /** The label of the commit. */
  action?: string
  /** Why this user cannot commit it; null: nothing more is known against it. */
  commitProblem?: string | null
}

type ProposalDecisionProps = {
  proposal: EntryProposal
  /** Null while it is being prepared. */
  review: ProposalReview | null
  decision: Decision
  /** Another use of the proposed action, for users who cannot commit it. */
  otherWay?: ReactNode
}

/** *Commit*, *Send back* and *Withdraw*, as far as the user may; of a decided proposal only what can follow. */
export function ProposalDecision({ proposal, review, decision, otherWay }: ProposalDecisionProps) {
  const { entry, readOnlyReason } = useShownEntry()
  const kind = entryKind(entry)
  const canMaintain = useHasPermission('table:maintain', toResource(entry)) === true
  const permission = ACTION_PERMISSIONS[proposal.action.kind]
  const [isSendingBack, setSendingBack] = useState(false)
  const reasonId = useId()
  const commitOff = useCommitBlocker(entry, { proposal, permission })
  const isOpen = proposal.state === 'open'
  const fits = review?.fits === true
  const { action = 'Commit', commitProblem = null } = review ?? {}
  const reason = readOnlyReason ?? commitOff.reason ?? commitProblem
  const canCommit = fits && commitOff.isKnown && reason === null
  const needsName = canCommit && review.needsConfirmation
  const shown = { reviewed: review?.reviewed }
  const isBusy = decision.isCommitting || decision.isClosing
  const name = entryLabel(entry)
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
      {isOpen && reason !== null && (
        <p className={classes.why} id={reasonId}>
          <IconLock size={14} stroke={1.6} aria-hidden />
          {reason}
        </p>
      )}
      {isOpen && canCommit && (
        <p className={classes.why} data-fits>
          <IconShieldCheck size={15} stroke={1.6} aria-hidden />
          The changes fit the {kind} as it is now.
        </p>
      )}
      <div className={classes.buttons}>
        {!(isOpen && fits) && otherWay}
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
            onClick={() => decision.commit(shown)}
            {...(reason !== null && { 'aria-describedby': reasonId })}
          >
            {action}
          </WaitingButton>
        )}
      </div>
      {isOpen && needsName && (
        <DangerConfirm
          name={name}
          action={action}
          isPending={decision.isCommitting}
          onConfirm={() => decision.commit({ confirmedName: name, ...shown })}
        />
      )}
    </footer>
  )
}
