import { FirstView } from '@/app/first-view'
import { LazyProposalPage } from '@/components/proposals/page/lazy-proposals'
import { proposalQuery } from '@/lib/client/table/proposals'
import { proposalsMetadata } from '@/app/page-titles'
import { type NamespaceParams, namespaceFromParams } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

type Params = NamespaceParams & { proposalId: string }

export default async function NamespaceProposal({ params }: { params: Promise<Params> }) {
  const { proposalId: encoded, ...namespaceParams } = await params
  const namespace = namespaceFromParams(namespaceParams)
  const proposalId = decodeURIComponent(encoded)
  return (
    <FirstView queries={[proposalQuery(namespace, proposalId)]}>
      {/* The decision about one proposal must not be taken over to another one. */}
      <LazyProposalPage key={proposalId} entry={namespace} proposalId={proposalId} />
    </FirstView>
  )
}
