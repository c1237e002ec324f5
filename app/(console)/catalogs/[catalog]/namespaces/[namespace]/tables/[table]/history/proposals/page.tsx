import { FirstView } from '@/app/first-view'
import { LazyProposalList } from '@/components/proposals/lazy-proposals'
import { proposalsQuery } from '@/lib/client/table/proposals'
import { proposalsMetadata, tableFromParams, type TableParams } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

export default async function ProposalsPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  return (
    <FirstView queries={[proposalsQuery(table)]}>
      <LazyProposalList />
    </FirstView>
  )
}
