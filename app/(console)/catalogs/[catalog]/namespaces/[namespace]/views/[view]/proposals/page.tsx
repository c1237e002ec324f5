import { FirstView } from '@/app/first-view'
import { LazyViewProposalsPage } from '@/components/views/proposals/lazy-view-proposals'
import { proposalsQuery } from '@/lib/client/table/proposals'
import { proposalsMetadata, type ViewParams, viewFromParams } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

export default async function ViewProposals({ params }: { params: Promise<ViewParams> }) {
  const view = viewFromParams(await params)
  return (
    <FirstView queries={[proposalsQuery(view)]}>
      <LazyViewProposalsPage view={view} />
    </FirstView>
  )
}
