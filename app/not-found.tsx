import type { Metadata } from 'next'
import { NotFoundPage } from '@/components/layout/not-found-page'

export const metadata: Metadata = { title: 'No such page' }

export default function NotFound() {
  return <NotFoundPage />
}
