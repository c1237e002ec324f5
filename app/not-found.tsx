import type { Metadata } from 'next'
import Link from 'next/link'
import { EmptyState } from '@/components/ui/empty-state'
import { paths } from '@/lib/paths'

export const metadata: Metadata = { title: 'No such page' }

export default function NotFound() {
  return (
    <main>
      <EmptyState action={<Link href={paths.home()}>Go home</Link>}>There is no page at this address.</EmptyState>
    </main>
  )
}
