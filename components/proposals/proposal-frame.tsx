'use client'
import { type ReactNode, useState } from 'react'
import { useShownTable } from '@/components/tables/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { Proposal } from '@/lib/contract/proposals'
import { visibleText } from '@/lib/format/visible-text'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { ProposalDecision, type ProposalReview } from './proposal-decision'
import { ProposalFacts } from './proposal-facts'
import classes from './proposal-page.module.css'
import type { Decision } from './use-proposal-decision'

type ProposalFrameProps = {
  proposal: Proposal
  decision: Decision
  /** Null while it is being prepared. */
  review: ProposalReview | null
  /** What is proposed, and what it would do. */
  children: ReactNode
}

/** What every proposal has: who made it and why, what became of it, and the decision. */
export function ProposalFrame({ proposal, decision, review, children }: ProposalFrameProps) {
  const { table } = useShownTable()
  const { proposalId, title, note, state, word, decidedBy } = proposal
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
          <ProposalFacts table={table} proposal={proposal} />
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
            <ProblemNote error={decision.error} subject={name} unchanged="The table was not changed from here." />
          )}
          <h3 className={classes.title}>
            <VisibleText>{title}</VisibleText>
          </h3>
          {note !== '' && (
            <p className={classes.note}>
              <VisibleText>{note}</VisibleText>
            </p>
          )}
          {word !== null && (
            <blockquote className={classes.word} aria-label={`Word of ${decidedBy ?? 'another user'}`}>
              <VisibleText>{word}</VisibleText>
            </blockquote>
          )}
          {children}
        </div>
      </div>
      <ProposalDecision key={proposalId} proposal={proposal} review={review} decision={decision} />
    </>
  )
}

const DECIDED: Readonly<Record<Proposal['state'], string>> = {
  open: 'left this proposal open',
  committed: 'committed this proposal',
  returned: 'sent this proposal back',
  withdrawn: 'withdrew this proposal',
  expired: 'left this proposal to expire',
}
