'use client'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'

/** The server renders the lists and pages of proposals; their code follows the code of the page. */
export const LazyProposalsPage = lazyComponent(async () => (await import('./proposals-page')).ProposalsPage, {
  loading: () => <SkeletonRows rows={6} columns={3} label="Loading the proposals" />,
  isServerRendered: true,
})

export const LazyProposalPage = lazyComponent(async () => (await import('./proposal-page')).ProposalPage, {
  loading: () => <SkeletonRows rows={8} columns={2} label="Loading the proposal" />,
  isServerRendered: true,
})
