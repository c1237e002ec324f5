import type { Metadata } from 'next'
import { CompressionDashboard } from '@/components/dashboards/compression-dashboard'

export const metadata: Metadata = { title: 'Compression' }

export default function CompressionPage() {
  return <CompressionDashboard />
}
