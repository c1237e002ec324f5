'use client'
import { ExactTime } from '@/components/ui/values/exact-time'
import { PastBand } from '@/components/ui/notes/past-band'
import type { ViewVersion } from '@/lib/contract/views'

/** Says that this is not the version that engines use now, with a button back. */
export function VersionBand({ shown, onBack }: { shown: ViewVersion; onBack: () => void }) {
  return (
    <PastBand label="Another version" back="Back to current version" onBack={onBack}>
      You are looking at <strong>version {shown.versionId}</strong> from{' '}
      <strong>
        <ExactTime atMs={shown.createdAtMs} />
      </strong>
      , not at the current version
    </PastBand>
  )
}
