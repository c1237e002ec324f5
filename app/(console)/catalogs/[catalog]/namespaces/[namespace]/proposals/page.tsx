import { FirstView } from '@/app/first-view'
import { LazyProposalsPage } from '@/components/proposals/page/lazy-proposals'
import { proposalsQuery } from '@/lib/client/table/proposals'
import { type NamespaceParams, namespaceFromParams, proposalsMetadata } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

export default async function NamespaceProposals({ params }: { params: Promise<NamespaceParams> }) {
  const namespace = namespaceFromParams(await params)
  return (
    <FirstView queries={[proposalsQuery(namespace)]}>
      <LazyProposalsPage entry={namespace} />
    </FirstView>
  )
}
