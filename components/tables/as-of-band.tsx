'use client'
import { ExactTime } from '@/components/ui/values/exact-time'
import { PastBand } from '@/components/ui/notes/past-band'
import type { TableDetail } from '@/lib/contract/tables'
import { Timeline } from './timeline'
import { useChooseAsOf } from './use-as-of'

/** Shown while the page is not at the current snapshot: the time, the snapshot and a button back. */
export function AsOfBand({ detail }: { detail: TableDetail }) {
  const choose = useChooseAsOf()
  const { shown } = detail
  if (shown.isNow) return null
  return (
    <PastBand
      label="Time travel"
      timeline={
        <Timeline
          timeline={detail.timeline}
          shownSnapshotId={shown.snapshotId}
          onChoose={(snapshotId) => choose({ snapshotId })}
        />
      }
      back="Back to now"
      onBack={() => choose({})}
    >
      {shown.committedAtMs === null ? (
        <>The table had no snapshot yet.</>
      ) : (
        <>
          You are looking at the table as it was on{' '}
          <strong>
            <ExactTime atMs={shown.committedAtMs} />
          </strong>
          {shown.ref && shown.ref.name !== 'main' && (
            <>
              , {shown.ref.type} <strong>{shown.ref.name}</strong>
            </>
          )}
          , snapshot <code>{shown.snapshotId}</code>
        </>
      )}
    </PastBand>
  )
}
