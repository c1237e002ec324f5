'use client'
import { type ReactNode, useState } from 'react'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanChange } from '@/components/table/frame/use-can-change'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ListedProposal, Proposal } from '@/lib/contract/table/proposals'
import { visibleText } from '@/lib/format/visible-text'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-action'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { CopyToTray } from './copy-to-tray'
import { type DecidedEntry, ProposalDecision, type ProposalReview } from './proposal-decision'
import { type CommitLink, ProposalFacts } from './proposal-facts'
import classes from './proposal-page.module.css'
import type { Decision } from './use-proposal-decision'

type FrameProps<Shown> = {
  proposal: Shown
  decision: Decision
  /** Null while it is being prepared. */
  review: ProposalReview | null
  /** What is proposed, and what it would do. */
  children: ReactNode
}

/** The frame of a proposal of the shown table. */
export function ProposalFrame({ proposal, ...frame }: FrameProps<Proposal>) {
  const { table } = useShownTable()
  const { action, auditId } = proposal
  const entry: DecidedEntry = {
    kind: 'table',
    table,
    permission: action.kind === 'change-table' || action.kind === 'rewrite-files' ? 'table:write' : 'table:maintain',
    readOnlyReason: useCanChange('table:write').reason,
    canMaintain: useCanChange('table:maintain').isOffered === true,
  }
  return (
    <EntryProposalFrame
      {...frame}
      proposal={proposal}
      entry={entry}
      commit={auditId === null ? null : toCommitLink(table, action, auditId)}
      otherWay={action.kind === 'change-table' && <CopyToTray intents={action.intents} />}
    />
  )
}

/** A rewrite is an entry of its run, which the history of the table does not list. */
function toCommitLink(table: TableIdentifier, action: ProposedAction, auditId: string): CommitLink {
  return action.kind === 'rewrite-files'
    ? { href: paths.jobs(), label: 'in the list of jobs', fact: 'Run' }
    : { href: paths.historyEntry(table, auditId), label: 'entry in the history' }
}

type EntryProposalFrameProps = FrameProps<ListedProposal> & {
  entry: DecidedEntry
  /** The page that shows its commit; null: there is none for this user. */
  commit: CommitLink | null
  /** What else can be done with what is proposed, unless it can be committed. */
  otherWay?: ReactNode
}

/** What every proposal has: who made it and why, what became of it, and the decision. */
export function EntryProposalFrame(props: EntryProposalFrameProps) {
  const { entry, proposal, decision, review, commit, otherWay, children } = props
  const { kind, table } = entry
  const { proposalId, title, note, state, comment, decidedBy } = proposal
  const isOpen = state === 'open'
  const [wasOpen, setWasOpen] = useState(isOpen)
  if (isOpen && !wasOpen) setWasOpen(true)
  // Of the user's own decision the state says enough.
  const isDecidedMeanwhile = wasOpen && !isOpen && !decision.isOwn
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  return (
    <>
      <div className={classes.scroll}>
        <div className={classes.facts}>
          <ProposalFacts proposal={proposal} commit={commit} />
        </div>
        <div className={classes.main}>
          <div role="status">
            {isDecidedMeanwhile && (
              <p className={classes.decided}>
                {decidedBy === null
                  ? 'The proposal expired while this page was open.'
                  : decision.mayHaveCommitted
                    ? `The outcome is known now: ${visibleText(decidedBy)} ${DECIDED[state]}.`
                    : `${visibleText(decidedBy)} ${DECIDED[state]} while this page was open.`}
              </p>
            )}
          </div>
          {decision.error !== null && !isDecidedMeanwhile && (
            <ProblemNote error={decision.error} subject={name} unchanged={`The ${kind} was not changed from here.`} />
          )}
          <h3 className={classes.title}>
            <VisibleText>{title}</VisibleText>
          </h3>
          {note !== '' && (
            <p className={classes.note}>
              <VisibleText>{note}</VisibleText>
            </p>
          )}
          {comment !== null && (
            <blockquote className={classes.comment} aria-label={`Comment by ${decidedBy ?? 'another user'}`}>
              <VisibleText>{comment}</VisibleText>
            </blockquote>
          )}
          {children}
        </div>
      </div>
      <ProposalDecision
        key={proposalId}
        entry={entry}
        proposal={proposal}
        review={review}
        decision={decision}
        otherWay={otherWay}
      />
    </>
  )
}

const DECIDED: Readonly<Record<ListedProposal['state'], string>> = {
  open: 'left this proposal open',
  committed: 'committed this proposal',
  returned: 'sent this proposal back',
  withdrawn: 'withdrew this proposal',
  expired: 'left this proposal to expire',
}
