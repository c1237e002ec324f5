'use client'
import { PastBand } from '@/components/ui/notes/past-band'
import type { ViewVersion } from '@/lib/contract/views'
import { formatExactTime } from '@/lib/format/time'

/** Says that this is not the version that engines use now, with a button back. */
export function VersionBand({ shown, onBack }: { shown: ViewVersion; onBack: () => void }) {
  return (
    <PastBand label="Another version" back="Back to current version" onBack={onBack}>
      You are looking at <strong>version {shown.versionId}</strong> from{' '}
      <strong>{formatExactTime(shown.createdAtMs)}</strong>, not at the current version
    </PastBand>
  )
}
