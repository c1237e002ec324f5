import { FirstView } from '@/app/first-view'
import { LazyViewProposalPage } from '@/components/views/proposals/lazy-view-proposals'
import { changePolicyQuery, viewProposalQuery } from '@/lib/client/table/proposals'
import { viewQuery } from '@/lib/client/views'
import { proposalsMetadata, type ViewParams, viewFromParams } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

export default async function ViewProposal({ params }: { params: Promise<ViewParams & { proposalId: string }> }) {
  const { proposalId: encoded, ...viewParams } = await params
  const view = viewFromParams(viewParams)
  const proposalId = decodeURIComponent(encoded)
  const policy = changePolicyQuery(view.catalog, view.namespace)
  return (
    <FirstView queries={[viewProposalQuery(view, proposalId), viewQuery(view), policy]}>
      {/* The decision about one proposal must not be taken over to another one. */}
      <LazyViewProposalPage key={proposalId} view={view} proposalId={proposalId} />
    </FirstView>
  )
}
