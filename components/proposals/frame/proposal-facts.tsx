import Link from 'next/link'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ListedProposal } from '@/lib/contract/proposals'
import { ProposalState, STATE_NAMES } from './proposal-state'

export type CommitLink = { href: string; label: string; fact?: 'Run' }

type ProposalFactsProps = {
  proposal: ListedProposal
  /** The page that shows its commit, or the run that it started; null: there is none for this user. */
  commit: CommitLink | null
}

/** Who proposed what is on the page, and what became of it. */
export function ProposalFacts({ proposal, commit }: ProposalFactsProps) {
  const { state, proposedBy, isOwn, createdAtMs, expiresAtMs, decidedBy, decidedAtMs } = proposal
  const facts: Fact[] = [
    ['State', <ProposalState key="state" state={state} />],
    [
      'Proposed by',
      <>
        <VisibleText>{proposedBy}</VisibleText>
        {isOwn && ' (you)'}
      </>,
    ],
    ['Proposed', <ExactTime key="proposed" atMs={createdAtMs} />],
  ]
  if (state === 'open' || state === 'expired') {
    facts.push([state === 'open' ? 'Expires' : 'Expired', <RelativeTime key="expires" atMs={expiresAtMs} />])
  }
  if (decidedBy !== null && decidedAtMs !== null) {
    const name = STATE_NAMES[state]
    facts.push(
      [`${name.charAt(0).toUpperCase()}${name.slice(1)} by`, <VisibleText key="by">{decidedBy}</VisibleText>],
      ['Decided', <ExactTime key="decided" atMs={decidedAtMs} />],
    )
  }
  if (commit !== null) {
    facts.push([
      commit.fact ?? 'Commit',
      <Link key="commit" href={commit.href}>
        {commit.label}
      </Link>,
    ])
  }
  return <Facts facts={facts} />
}
