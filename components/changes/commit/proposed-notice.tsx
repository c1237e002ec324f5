'use client'
import { ActionIcon } from '@mantine/core'
import { IconCheck, IconX } from '@tabler/icons-react'
import Link from 'next/link'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ProposedEntry } from '@/lib/client/table/proposals'
import { entryKind } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './commit-notice.module.css'
import type { NewProposal } from './propose-form'

type ProposedNoticeProps = {
  entry: ProposedEntry
  proposal: NewProposal
  /** Whether it is in a panel of the address: closing that would take back the navigation to the proposal. */
  isInPanel?: boolean
  onDismiss: () => void
}

/** The line after a proposal, with its link to pass on. It stays until it is dismissed. */
export function ProposedNotice({ entry, proposal, isInPanel = false, onDismiss }: ProposedNoticeProps) {
  const { proposalId } = proposal
  return (
    <div className={classes.done} role="status">
      <IconCheck size={15} stroke={1.6} aria-hidden />
      <span>
        Proposed:{' '}
        <Link href={paths.proposal(entry, proposalId)} {...(!isInPanel && { onClick: onDismiss })}>
          <VisibleText>{proposal.title}</VisibleText>
        </Link>
        . The {entryKind(entry)} has not changed.
      </span>
      <ActionIcon aria-label="Dismiss" size={24} onClick={onDismiss}>
        <IconX size={13} stroke={1.6} aria-hidden />
      </ActionIcon>
    </div>
  )
}
