import type { Metadata } from 'next'
import { NotFoundPage } from '@/components/layout/no-such-page'

export const metadata: Metadata = { title: 'No such page' }

export default function NotFound() {
  return <NotFoundPage />
}
