'use client'
import { IconAdjustments, IconEye, IconFolderOpen, IconTable } from '@tabler/icons-react'
import { Unloaded } from '@/components/shell/unloaded'
import { BadgedTables, TableBadgeIcon } from '@/components/about/badges-of-page'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { Page } from '@/components/shell/page'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { waitingProposalsQuery } from '@/lib/client/table/proposals'
import type { WaitingProposals as Waiting } from '@/lib/contract/proposals'
import { formatQuantity } from '@/lib/format/count'
import { asTableIdentifier, entryLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { proposalColumns } from './proposal-columns'
import classes from './proposal-list.module.css'

type WaitingProposal = Waiting['proposals'][number]

const toHref = ({ entry, proposalId }: WaitingProposal) =>
  entry.kind === 'tables' ? paths.bulkChange(entry.catalog, entry.bulkChangeId) : paths.proposal(entry, proposalId)

const COLUMNS: readonly Column<WaitingProposal>[] = [
  ...proposalColumns(toHref),
  {
    id: 'table',
    header: 'For',
    width: 280,
    cell: ({ entry }) => (
      <>
        <EntryIcon kind={entry.kind} />
        <code>
          <VisibleText>{entry.kind === 'tables' ? entry.catalog : `${entry.catalog}.${entryLabel(entry)}`}</VisibleText>
        </code>
        {entry.kind === 'tables' && <> {formatQuantity(entry.tableCount, 'table')}</>}
        {entry.kind === 'table' && <TableBadgeIcon table={entry} />}
        {entry.kind === 'view' && <TableBadgeIcon table={asTableIdentifier(entry)} />}
      </>
    ),
  },
  {
    id: 'expires',
    header: 'Expires',
    width: 130,
    cell: ({ expiresAtMs }) => (
      <span className="quiet">
        <RelativeTime atMs={expiresAtMs} />
      </span>
    ),
  },
]

const ICONS = { table: IconTable, view: IconEye, namespace: IconFolderOpen, tables: IconAdjustments } as const

function EntryIcon({ kind }: Pick<WaitingProposal['entry'], 'kind'>) {
  const Icon = ICONS[kind]
  return <Icon size={14} stroke={1.6} className={classes.icon} role="img" aria-label={kind} />
}

/** The open proposals of all entries: those that wait for the user, and the user's own. */
export function WaitingProposals() {
  const query = useQuery(waitingProposalsQuery())
  return (
    <Page title="Proposals">
      {query.data ? (
        <Lists waiting={query.data} />
      ) : (
        <Unloaded query={query} subject="The proposals" skeleton={[8, 4, 'Reading the proposals']} />
      )}
    </Page>
  )
}

function Lists({ waiting: { proposals, badges, isTruncated } }: { waiting: Waiting }) {
  return (
    <BadgedTables badges={badges}>
      <List
        title="Waiting for you"
        proposals={proposals.filter(({ isOwn }) => !isOwn)}
        empty="No proposals to review."
      />
      <List
        title="Yours"
        proposals={proposals.filter(({ isOwn }) => isOwn)}
        empty="You have no open proposal. Change a table or a view, choose Review, then Propose…"
      />
      {isTruncated && (
        <p className="quiet">
          Only the newest are listed here. The history of each table, and the page of each view and namespace, has all
          of its proposals.
        </p>
      )}
    </BadgedTables>
  )
}

function List({ title, proposals, empty }: { title: string; proposals: readonly WaitingProposal[]; empty: string }) {
  const router = useRouter()
  return (
    <Panel title={title} flush>
      {proposals.length === 0 ? (
        <EmptyState>{empty}</EmptyState>
      ) : (
        <DataTable
          label={title}
          columns={COLUMNS}
          rows={proposals}
          rowKey={({ proposalId }) => proposalId}
          onOpen={(proposal) => router.push(toHref(proposal))}
          rowHeight={36}
          stacks
        />
      )}
    </Panel>
  )
}
