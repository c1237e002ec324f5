'use client'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { useCanChange } from '@/components/table/frame/use-can-change'
import { useHasPermission } from '@/lib/client/session/permissions'
import { type ProposedEntry, proposalQuery } from '@/lib/client/table/proposals'
import { viewQuery } from '@/lib/client/views'
import type { EntryProposal } from '@/lib/contract/proposals'
import {
  entryLabel,
  type NamespaceIdentifier,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import type { CommitLink } from '../frame/proposal-facts'
import classes from '../frame/proposal-frame.module.css'
import { ShownEntryProvider } from '../frame/shown-entry'
import { ACTION_REVIEWS } from './action-reviews'
import { EntrySubPage } from './entry-sub-page'

/** A proposal: its action, what that would do to the entry as it is now, and the decision. */
export function ProposalPage({ entry, proposalId }: { entry: ProposedEntry; proposalId: string }) {
  const query = useQuery(proposalQuery(entry, proposalId))
  return (
    <EntrySubPage
      entry={entry}
      title="Proposal"
      back={{ label: 'Back to the proposals', href: paths.proposals(entry) }}
    >
      {query.data ? (
        <ShownProposal key={proposalId} entry={entry} proposal={query.data} />
      ) : (
        <div className={classes.scroll}>
          <Unloaded
            query={query}
            subject={entryLabel(entry)}
            next="The address may be wrong, or the proposal was decided long ago and removed."
            skeleton={[8, 2, 'Reading the proposal']}
          />
        </div>
      )}
    </EntrySubPage>
  )
}

function ShownProposal({ entry, proposal }: { entry: ProposedEntry; proposal: EntryProposal }) {
  const { action } = proposal
  const Review = ACTION_REVIEWS[action.kind]
  const review = <Review entry={entry} proposal={proposal} action={action} />
  if ('table' in entry)
    return (
      <OfTable table={entry} proposal={proposal}>
        {review}
      </OfTable>
    )
  if ('view' in entry)
    return (
      <OfView view={entry} proposal={proposal}>
        {review}
      </OfView>
    )
  return (
    <OfNamespace namespace={entry} proposal={proposal}>
      {review}
    </OfNamespace>
  )
}

type OfEntryProps = { proposal: EntryProposal; children: ReactNode }

function OfTable({ table, proposal, children }: OfEntryProps & { table: TableIdentifier }) {
  const { reason } = useCanChange('table:write')
  const commit = toCommitLink(table, proposal)
  return (
    <ShownEntryProvider entry={table} readOnlyReason={reason} commit={commit}>
      {children}
    </ShownEntryProvider>
  )
}

/** The entry of a rewrite or a load is that of its run, which the history of the table does not list. */
function toCommitLink(table: TableIdentifier, { action, auditId, runId }: EntryProposal): CommitLink | null {
  if (auditId === null) return null
  switch (action.kind) {
    case 'load':
    case 'load-uploads':
      return toRunLink(runId, { toPath: paths.loadRun, label: 'page of the load' })
    case 'rewrite-files':
    case 'delete-rows':
      return toRunLink(runId, { toPath: paths.run, label: 'in Jobs' })
    default:
      return { href: paths.historyEntry(table, auditId), label: 'entry in the history' }
  }
}

/** Null if the audit no longer has the run. */
function toRunLink(
  runId: string | undefined,
  { toPath, label }: { toPath: (runId: string) => string; label: string },
): CommitLink | null {
  return runId === undefined ? null : { href: toPath(runId), label, fact: 'Run' }
}

/** The ability of the catalog that an action on a view needs. */
const VIEW_ABILITIES = { 'change-view': 'commit-view', 'rename-view': 'rename-view', 'drop-view': 'drop-view' } as const

function OfView({ view, proposal: { action, auditId }, children }: OfEntryProps & { view: ViewIdentifier }) {
  const { data: detail } = useQuery(viewQuery(view))
  const ability = action.kind in VIEW_ABILITIES ? VIEW_ABILITIES[action.kind as keyof typeof VIEW_ABILITIES] : null
  const isAble = detail === undefined || (ability !== null && detail.abilities.includes(ability))
  return (
    <ShownEntryProvider
      entry={view}
      readOnlyReason={isAble ? null : 'Read only: the catalog does not let Lakeshore change this view.'}
      commit={useAuditLink(auditId)}
    >
      {children}
    </ShownEntryProvider>
  )
}

/** Its review says what the catalog cannot do. */
function OfNamespace({ namespace, proposal, children }: OfEntryProps & { namespace: NamespaceIdentifier }) {
  const commit = useAuditLink(proposal.auditId)
  return (
    <ShownEntryProvider entry={namespace} readOnlyReason={null} commit={commit}>
      {children}
    </ShownEntryProvider>
  )
}

/** Only tables have a page of their history, and only admins see the audit. */
function useAuditLink(auditId: string | null): CommitLink | null {
  const canReadAudit = useHasPermission('audit:read') === true
  return auditId !== null && canReadAudit ? { href: paths.auditEntry(auditId), label: 'entry in the audit' } : null
}
