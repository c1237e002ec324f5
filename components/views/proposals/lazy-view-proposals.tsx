'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'

/** The server renders the pages of the proposals of a view; their code follows the code of the page. */
export const LazyViewProposalsPage = lazyComponent(
  async () => (await import('./view-proposals-page')).ViewProposalsPage,
  { loading: () => <SkeletonRows rows={6} columns={3} label="Loading the proposals" />, isServerRendered: true },
)

export const LazyViewProposalPage = lazyComponent(async () => (await import('./view-proposal-page')).ViewProposalPage, {
  loading: () => <SkeletonRows rows={8} columns={2} label="Loading the proposal" />,
  isServerRendered: true,
})
