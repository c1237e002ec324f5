'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ConflictTable } from '@/components/changes/conflict-table'
import { ReviewedChanges, ReviewResult } from '@/components/changes/review-result'
import { SubPage, SubPageTitle } from '@/components/snapshots/sub-page'
import { useShownTable } from '@/components/tables/shown-table'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Toolbar } from '@/components/ui/toolbar'
import { VisibleText } from '@/components/ui/values/visible-text'
import { retryFetch } from '@/lib/client/call/retry'
import { changeReviewQuery } from '@/lib/client/changes'
import { proposalQuery } from '@/lib/client/proposals'
import type { Proposal } from '@/lib/contract/proposals'
import { visibleText } from '@/lib/format/visible-text'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import { ProposalDecision } from './proposal-decision'
import { ProposalFacts } from './proposal-facts'
import classes from './proposal-page.module.css'
import { useProposalDecision } from './use-proposal-decision'

/** A proposal: its changes, what they would do to the table as it is now, and the decision. */
export function ProposalPage({ proposalId }: { proposalId: string }) {
  const { table } = useShownTable()
  const query = useQuery(proposalQuery(table, proposalId))
  return (
    <SubPage title="Proposal">
      <Toolbar>
        <SubPageTitle
          table={table}
          title="Proposal"
          back={{ label: 'Back to the proposals', href: paths.proposals(table) }}
        />
      </Toolbar>
      {query.data ? (
        <ShownProposal proposal={query.data} />
      ) : (
        <div className={classes.scroll}>
          {query.error ? (
            <ProblemNote
              error={query.error}
              subject={`${namespaceLabel(table.namespace)}.${table.table}`}
              next="The address may be wrong, or the proposal was decided long ago and removed."
              onRetry={() => retryFetch(query.refetch)}
            />
          ) : (
            <SkeletonRows rows={8} columns={2} label="Reading the proposal" />
          )}
        </div>
      )}
    </SubPage>
  )
}

function ShownProposal({ proposal }: { proposal: Proposal }) {
  const { table } = useShownTable()
  const { proposalId, title, note, intents, state, word, decidedBy } = proposal
  const isOpen = state === 'open'
  const review = useQuery({ ...changeReviewQuery(table, intents), enabled: isOpen })
  const decision = useProposalDecision(table, proposal)
  const [wasOpen, setWasOpen] = useState(isOpen)
  if (isOpen && !wasOpen) setWasOpen(true)
  // Of the user's own decision the state says enough.
  const isDecidedMeanwhile = wasOpen && !isOpen && !decision.isOwn
  const conflicts = (isOpen && review.data?.conflicts) || []
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
          <ReviewedChanges intents={intents} problem={isOpen ? (review.data?.problem ?? null) : null} />
          {isOpen && (
            <ReviewResult
              review={review}
              name={name}
              changeCount={intents.length}
              conflicts={
                conflicts.length > 0 && (
                  <ConflictTable
                    conflicts={conflicts}
                    intents={intents}
                    wantedBy="Proposed"
                    advice={`Another client changed ${conflicts.length === 1 ? 'this' : 'these'} after the proposal was made. A proposal is committed as it is or not at all: send it back, or copy it to the tray and propose again.`}
                  />
                )
              }
            />
          )}
        </div>
      </div>
      <ProposalDecision key={proposalId} proposal={proposal} review={review.data ?? null} decision={decision} />
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
