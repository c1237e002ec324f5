'use client'
import { usePathname, useRouter } from 'next/navigation'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { paths } from '@/lib/paths/paths'

/** Switches between the dashboards, which share one entry in the rail. */
export function DashboardChoice() {
  const router = useRouter()
  const pathname = usePathname()
  return (
    <SegmentedChoice
      label="Dashboard"
      value={pathname}
      onChange={(address) => router.push(address)}
      options={[
        { value: paths.ingestionDashboard(), label: 'Ingestion' },
        { value: paths.compressionDashboard(), label: 'Compression' },
      ]}
    />
  )
}
