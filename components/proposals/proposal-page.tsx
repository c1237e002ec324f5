'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { SubPage, SubPageTitle } from '@/components/shell/sub-page'
import { useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { Toolbar } from '@/components/ui/toolbar'
import { proposalQuery } from '@/lib/client/table/proposals'
import type { Proposal } from '@/lib/contract/table/proposals'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './proposal-page.module.css'
import { ProposedIntents } from './proposed-intents'

const LazyProposedExpiry = lazyComponent(async () => (await import('./proposed-expiry')).ProposedExpiry)
const LazyProposedPublication = lazyComponent(async () => (await import('./proposed-publication')).ProposedPublication)
const LazyProposedPick = lazyComponent(async () => (await import('./proposed-pick')).ProposedPick)
const LazyProposedUndo = lazyComponent(async () => (await import('./proposed-undo')).ProposedUndo)
const LazyProposedExpiryUndo = lazyComponent(async () => (await import('./proposed-expiry-undo')).ProposedExpiryUndo)
const LazyProposedRename = lazyComponent(async () => (await import('./proposed-rename')).ProposedRename)
const LazyProposedRewrite = lazyComponent(async () => (await import('./proposed-rewrite')).ProposedRewrite)
const LazyProposedLoad = lazyComponent(async () => (await import('./proposed-load')).ProposedLoad)
const LazyProposedDrop = lazyComponent(async () => (await import('./proposed-drop')).ProposedDrop)

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
        <ShownProposal key={proposalId} proposal={query.data} />
      ) : (
        <div className={classes.scroll}>
          <Unloaded
            query={query}
            subject={`${namespaceLabel(table.namespace)}.${table.table}`}
            next="The address may be wrong, or the proposal was decided long ago and removed."
            skeleton={[8, 2, 'Reading the proposal']}
          />
        </div>
      )}
    </SubPage>
  )
}

function ShownProposal({ proposal }: { proposal: Proposal }) {
  const { action } = proposal
  if (action.kind === 'change-table') return <ProposedIntents proposal={proposal} intents={action.intents} />
  if (action.kind === 'rewrite-files') return <LazyProposedRewrite proposal={proposal} action={action} />
  if (action.kind === 'load') return <LazyProposedLoad proposal={proposal} action={action} />
  if (action.kind === 'expire') return <LazyProposedExpiry proposal={proposal} action={action} />
  if (action.kind === 'publish') return <LazyProposedPublication proposal={proposal} action={action} />
  if (action.kind === 'rename') return <LazyProposedRename proposal={proposal} action={action} />
  if (action.kind === 'drop') return <LazyProposedDrop proposal={proposal} action={action} />
  if (action.kind === 'undo') return <LazyProposedUndo proposal={proposal} action={action} />
  if (action.kind === 'undo-expiry') return <LazyProposedExpiryUndo proposal={proposal} action={action} />
  return <LazyProposedPick proposal={proposal} action={action} />
}
