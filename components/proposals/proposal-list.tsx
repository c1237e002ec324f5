'use client'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { proposalsQuery } from '@/lib/client/table/proposals'
import type { ListedProposal } from '@/lib/contract/table/proposals'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { HistoryLists } from './history-lists'
import { proposalColumns } from './proposal-columns'
import classes from './proposal-list.module.css'
import { ProposalState } from './proposal-state'

const DECISION: Column<ListedProposal> = {
  id: 'state',
  header: 'State',
  width: 260,
  cell: (proposal) => (
    <span className={classes.decision}>
      <ProposalState state={proposal.state} />
      <span className={classes.quiet}>
        <DecisionWords proposal={proposal} />
      </span>
    </span>
  ),
}

/** The newest proposals of a table, open and decided. */
export function ProposalList() {
  return (
    <>
      <HistoryLists shown="proposals" />
      <Proposals />
    </>
  )
}

function Proposals() {
  const { table } = useShownTable()
  return (
    <EntryProposals
      entry={table}
      toHref={(proposalId) => paths.proposal(table, proposalId)}
      empty={
        <>
          Nothing is proposed. Change the schema, the layout or the settings, choose <strong>Review</strong>, then{' '}
          <strong>Propose…</strong>: another user commits the changes or sends them back.
        </>
      }
    />
  )
}

type EntryProposalsProps = {
  entry: TableIdentifier | ViewIdentifier
  toHref: (proposalId: string) => string
  /** What is said when there are none. */
  empty: ReactNode
}

/** The newest proposals of a table or view, open and decided. */
export function EntryProposals({ entry, toHref, empty }: EntryProposalsProps) {
  const router = useRouter()
  const query = useQuery(proposalsQuery(entry))
  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject={`${namespaceLabel(entry.namespace)}.${'view' in entry ? entry.view : entry.table}`}
        className={classes.problem}
        skeleton={[6, 3, 'Reading the proposals']}
      />
    )
  const proposals = query.data
  if (proposals.length === 0) return <EmptyState>{empty}</EmptyState>
  const openCount = proposals.filter(({ state }) => state === 'open').length
  return (
    <>
      <DataTable
        label="Proposals"
        columns={[...proposalColumns(({ proposalId }: ListedProposal) => toHref(proposalId)), DECISION]}
        rows={proposals}
        rowKey={({ proposalId }) => proposalId}
        onOpen={({ proposalId }) => router.push(toHref(proposalId))}
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
function DecisionWords({ proposal: { state, expiresAtMs, decidedBy, decidedAtMs } }: { proposal: ListedProposal }) {
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
