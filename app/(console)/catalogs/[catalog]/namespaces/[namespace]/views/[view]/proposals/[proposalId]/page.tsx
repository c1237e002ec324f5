import { FirstView } from '@/app/first-view'
import { LazyProposalPage } from '@/components/proposals/page/lazy-proposals'
import { changePolicyQuery, proposalQuery } from '@/lib/client/table/proposals'
import { viewQuery } from '@/lib/client/views'
import { proposalsMetadata } from '@/app/page-titles'
import { type ViewParams, viewFromParams } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

export default async function ViewProposal({ params }: { params: Promise<ViewParams & { proposalId: string }> }) {
  const { proposalId: encoded, ...viewParams } = await params
  const view = viewFromParams(viewParams)
  const proposalId = decodeURIComponent(encoded)
  const policy = changePolicyQuery(view.catalog, view.namespace)
  return (
    <FirstView queries={[proposalQuery(view, proposalId), viewQuery(view), policy]}>
      {/* The decision about one proposal must not be taken over to another one. */}
      <LazyProposalPage key={proposalId} entry={view} proposalId={proposalId} />
    </FirstView>
  )
}
