import { FirstView } from '@/app/first-view'
import { LazyProposalsPage } from '@/components/proposals/page/lazy-proposals'
import { proposalsQuery } from '@/lib/client/table/proposals'
import { proposalsMetadata } from '@/app/page-titles'
import { tableFromParams, type TableParams } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

export default async function ProposalsPage({ params }: { params: Promise<TableParams> }) {
  const table = tableFromParams(await params)
  return (
    <FirstView queries={[proposalsQuery(table)]}>
      <LazyProposalsPage entry={table} />
    </FirstView>
  )
}
