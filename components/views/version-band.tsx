'use client'
import { PastBand } from '@/components/ui/notes/past-band'
import type { ViewVersion } from '@/lib/contract/views'
import { formatExactTime } from '@/lib/format/time'

/** Says that this is not what engines read now, and the way back. */
export function VersionBand({ shown, onBack }: { shown: ViewVersion; onBack: () => void }) {
  return (
    <PastBand label="Another version" back="Back to the current one" onBack={onBack}>
      You are looking at <strong>version {shown.versionId}</strong> of{' '}
      <strong>{formatExactTime(shown.createdAtMs)}</strong>, which is not the current one
    </PastBand>
  )
}
