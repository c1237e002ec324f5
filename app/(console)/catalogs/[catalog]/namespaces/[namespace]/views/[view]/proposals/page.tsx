import { FirstView } from '@/app/first-view'
import { LazyProposalsPage } from '@/components/proposals/page/lazy-proposals'
import { proposalsQuery } from '@/lib/client/table/proposals'
import { proposalsMetadata } from '@/app/page-titles'
import { type ViewParams, viewFromParams } from '@/lib/paths/paths'

export const generateMetadata = proposalsMetadata

export default async function ViewProposals({ params }: { params: Promise<ViewParams> }) {
  const view = viewFromParams(await params)
  return (
    <FirstView queries={[proposalsQuery(view)]}>
      <LazyProposalsPage entry={view} />
    </FirstView>
  )
}
