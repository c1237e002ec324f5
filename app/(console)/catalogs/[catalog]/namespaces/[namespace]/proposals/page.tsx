import { FirstView } from '@/app/first-view'
import { LazyProposalsPage } from '@/components/proposals/page/lazy-proposals'
import { proposalsQuery } from '@/lib/client/table/proposals'
import { proposalsMetadata } from '@/app/page-titles'
import { type NamespaceParams, namespaceFromParams } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

export default async function NamespaceProposals({ params }: { params: Promise<NamespaceParams> }) {
  const namespace = namespaceFromParams(await params)
  return (
    <FirstView queries={[proposalsQuery(namespace)]}>
      <LazyProposalsPage entry={namespace} />
    </FirstView>
  )
}
