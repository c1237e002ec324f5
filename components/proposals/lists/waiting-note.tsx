'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { waitingProposalsQuery } from '@/lib/client/table/proposals'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'

/** How many proposals wait for the user's decision. Renders nothing without any, and nothing when that is not known. */
export function WaitingNote() {
  const { data } = useQuery(waitingProposalsQuery())
  const count = data?.proposals.filter(({ isOwn }) => !isOwn).length ?? 0
  if (count === 0) return null
  return (
    <Link href={paths.waitingProposals()} prefetch={false}>
      {formatQuantity(count, 'proposal')} {count === 1 ? 'waits' : 'wait'} for you
    </Link>
  )
}
