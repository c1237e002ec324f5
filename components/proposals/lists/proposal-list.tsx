'use client'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { type ProposedEntry, proposalsQuery } from '@/lib/client/table/proposals'
import type { ListedProposal } from '@/lib/contract/proposals'
import { formatQuantity } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { proposalColumns } from './proposal-columns'
import classes from './proposal-list.module.css'
import { ProposalState } from '../frame/proposal-state'

const DECISION: Column<ListedProposal> = {
  id: 'state',
  header: 'State',
  width: 260,
  cell: (proposal) => (
    <span className={classes.decision}>
      <ProposalState state={proposal.state} />
      <span className="quiet">
        <DecisionSummary proposal={proposal} />
      </span>
    </span>
  ),
}

type ProposalListProps = {
  entry: ProposedEntry
  /** Shown when there are none. */
  empty: ReactNode
}

/** The newest proposals of an entry, open and decided. */
export function ProposalList({ entry, empty }: ProposalListProps) {
  const router = useRouter()
  const query = useQuery(proposalsQuery(entry))
  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject={entryLabel(entry)}
        className="page-note"
        skeleton={[6, 3, 'Reading the proposals']}
      />
    )
  const proposals = query.data
  const toHref = ({ proposalId }: ListedProposal) => paths.proposal(entry, proposalId)
  if (proposals.length === 0) return <EmptyState>{empty}</EmptyState>
  const openCount = proposals.filter(({ state }) => state === 'open').length
  return (
    <>
      <DataTable
        label="Proposals"
        columns={[...proposalColumns(toHref), DECISION]}
        rows={proposals}
        rowKey={({ proposalId }) => proposalId}
        onOpen={(proposal) => router.push(toHref(proposal))}
        rowHeight={36}
        gutter
        scrolls
        stacks
      />
      <PageFooter>
        <span>{formatQuantity(proposals.length, 'proposal')}</span>
        <span>{openCount} open</span>
        {proposals.length === 100 && <span>only the newest 100</span>}
      </PageFooter>
    </>
  )
}

/** When an open one expires; who decided the others. */
function DecisionSummary({ proposal: { state, expiresAtMs, decidedBy, decidedAtMs } }: { proposal: ListedProposal }) {
  if (decidedBy === null || decidedAtMs === null) {
    return (
      <>
        {state === 'open' && 'expires '}
        <RelativeTime atMs={expiresAtMs} />
      </>
    )
  }
  return (
    <>
      {state !== 'withdrawn' && (
        <>
          by <VisibleText>{decidedBy}</VisibleText>,{' '}
        </>
      )}
      <RelativeTime atMs={decidedAtMs} />
    </>
  )
}
