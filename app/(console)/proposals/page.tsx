import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { WaitingProposals } from '@/components/proposals/lists/waiting-proposals'
import { waitingProposalsQuery } from '@/lib/client/table/proposals'

export const metadata: Metadata = { title: 'Proposals' }

export default function Proposals() {
  return (
    <FirstView queries={[waitingProposalsQuery()]}>
      <WaitingProposals />
    </FirstView>
  )
}
