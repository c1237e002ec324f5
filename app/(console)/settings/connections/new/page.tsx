import type { Metadata } from 'next'
import { NewConnection } from '@/components/admin/connections/new-connection'

export const metadata: Metadata = { title: 'Add connection' }

export default function NewConnectionPage() {
  return <NewConnection />
}
