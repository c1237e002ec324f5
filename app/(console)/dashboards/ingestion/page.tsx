import type { Metadata } from 'next'
import { IngestionDashboard } from '@/components/dashboards/ingestion-dashboard'

export const metadata: Metadata = { title: 'Ingestion' }

export default function IngestionPage() {
  return <IngestionDashboard />
}
