import type { Metadata } from 'next'
import { ConnectionPage } from '@/components/admin/connections/connection-page'

export const metadata: Metadata = { title: 'Connection' }

export default async function OneConnectionPage({ params }: { params: Promise<{ connection: string }> }) {
  return <ConnectionPage connectionId={decodeURIComponent((await params).connection)} />
}
