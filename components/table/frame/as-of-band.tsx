'use client'
import { ExactTime } from '@/components/ui/values/exact-time'
import { PastBand } from '@/components/ui/notes/past-band'
import type { TableDetail } from '@/lib/contract/table/tables'
import { Timeline } from './timeline'
import { useChooseAsOf } from './use-as-of'
import { visibleText } from '@/lib/format/visible-text'

type AsOfBandProps = {
  /** Null when not even the current state of the table is known. */
  detail: TableDetail | null
  /** Whether the state is on the page, is being read, or cannot be shown. */
  state: 'shown' | 'reading' | 'missing'
}

/** Shown while the page is not at the current snapshot: the time, the snapshot and a button back. */
export function AsOfBand({ detail, state }: AsOfBandProps) {
  const choose = useChooseAsOf()
  if (state !== 'missing' && detail?.shown.isCurrent !== false) return null
  return (
    <PastBand
      label="Time travel"
      timeline={
        detail && (
          <Timeline
            timeline={detail.timeline}
            shownSnapshotId={state === 'missing' ? null : detail.shown.snapshotId}
            onChoose={(snapshotId, options) => choose({ snapshotId }, options)}
          />
        )
      }
      back="Back to now"
      onBack={() => choose({})}
    >
      {state === 'missing' || !detail ? (
        <>This state of the table cannot be shown.</>
      ) : (
        <ShownState shown={detail.shown} />
      )}
    </PastBand>
  )
}

function ShownState({ shown }: Pick<TableDetail, 'shown'>) {
  if (shown.snapshotId === null) return <>The table had no snapshot yet.</>
  return (
    <>
      You are looking at the table as it was
      {shown.committedAtMs !== null && (
        <>
          {' '}
          on{' '}
          <strong>
            <ExactTime atMs={shown.committedAtMs} />
          </strong>
        </>
      )}
      {shown.ref && shown.ref.name !== 'main' && (
        <>
          , {shown.ref.type} <strong>{visibleText(shown.ref.name)}</strong>
        </>
      )}
      , snapshot <code>{shown.snapshotId}</code>
    </>
  )
}
