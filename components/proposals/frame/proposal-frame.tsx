'use client'
import { type ReactNode, useState } from 'react'
import { ActionReview, type ActionReviewProps } from '@/components/changes/action/action-review'
import { entrySubject } from '@/components/changes/action/entry-subject'
import { isConflict } from '@/components/changes/commit/commit-footer'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useIsPageCovered } from '@/components/ui/use-is-page-covered'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { EntryProposal, ListedProposal } from '@/lib/contract/proposals'
import { visibleText } from '@/lib/format/visible-text'
import { entryKind, entryLabel } from '@/lib/names/identifiers'
import { ActionSummary } from './action-summary'
import { ProposalDecision, type ProposalVerdict } from './proposal-decision'
import { ProposalFacts } from './proposal-facts'
import classes from './proposal-frame.module.css'
import { useShownEntry } from './shown-entry'
import type { Decision } from './use-proposal-decision'

const LazyChangedSince = lazyComponent(async () => (await import('./changed-since')).ChangedSince)

type ProposalFrameProps = ActionReviewProps & {
  proposal: EntryProposal
  decision: Decision
  /** Absent while the review is being prepared. */
  verdict: ProposalVerdict | undefined
  /** The action itself, by default as a sentence. */
  summary?: ReactNode
  /** Another use of the proposed action, for users who cannot commit it. */
  alternative?: ReactNode
}

/** The parts of every proposal: its proposer and note, its state, the review of its action, and the decision. */
export function ProposalFrame({
  proposal,
  decision,
  verdict,
  summary = <ActionSummary action={proposal.action} />,
  alternative,
  query = null,
  ...review
}: ProposalFrameProps) {
  const { entry, commit } = useShownEntry()
  const { proposalId, title, note, state, comment, decidedBy } = proposal
  const isOpen = state === 'open'
  // There the decision is below the review, and a request is several screens long.
  const isNarrow = useIsPageCovered()
  // A refused commit reads the review again. If the action still fits, only the request is another one.
  const stillFits = isOpen && verdict !== undefined && verdict.fits !== false && isConflict(decision.error)
  const [wasOpen, setWasOpen] = useState(isOpen)
  if (isOpen && !wasOpen) setWasOpen(true)
  // The state says enough about the user's own decision.
  const isDecidedMeanwhile = wasOpen && !isOpen && !decision.isOwn
  return (
    <>
      <div className={classes.scroll} {...{ role: 'region', 'aria-label': 'Proposal', tabIndex: 0 }}>
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
          {stillFits && <LazyChangedSince entry={entry} proposedAtMs={proposal.createdAtMs} />}
          {decision.error !== null && !isDecidedMeanwhile && !stillFits && (
            <ProblemNote
              error={decision.error}
              subject={entryLabel(entry)}
              unchanged={`The ${entryKind(entry)} was not changed from here.`}
            />
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
          {summary}
          <ActionReview
            {...review}
            query={isOpen ? query : null}
            isRequestFolded={isNarrow}
            subject={entrySubject(entry)}
          />
        </div>
      </div>
      <ProposalDecision
        key={proposalId}
        proposal={proposal}
        verdict={verdict}
        decision={decision}
        alternative={alternative}
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
