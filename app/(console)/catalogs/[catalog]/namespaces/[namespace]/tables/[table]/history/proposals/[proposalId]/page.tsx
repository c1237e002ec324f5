import { FirstView } from '@/app/first-view'
import { LazyProposalPage } from '@/components/proposals/page/lazy-proposals'
import { changePolicyQuery, proposalQuery } from '@/lib/client/table/proposals'
import { proposalsMetadata } from '@/app/page-titles'
import { tableFromParams, type TableParams } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

export default async function Proposal({ params }: { params: Promise<TableParams & { proposalId: string }> }) {
  const { proposalId: encoded, ...tableParams } = await params
  const table = tableFromParams(tableParams)
  const proposalId = decodeURIComponent(encoded)
  return (
    <FirstView queries={[proposalQuery(table, proposalId), changePolicyQuery(table.catalog, table.namespace)]}>
      {/* The decision about one proposal must not be taken over to another one. */}
      <LazyProposalPage key={proposalId} entry={table} proposalId={proposalId} />
    </FirstView>
  )
}
