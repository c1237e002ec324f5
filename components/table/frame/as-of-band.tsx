'use client'
import { ExactTime } from '@/components/ui/values/exact-time'
import { PastBand } from '@/components/ui/notes/past-band'
import type { TableDetail } from '@/lib/contract/table/tables'
import { Timeline } from './timeline'
import { useAsOf, useChooseAsOf } from './use-as-of'
import { visibleText } from '@/lib/format/visible-text'

type AsOfBandProps = {
  /** Null when not even the current state of the table is known. */
  detail: TableDetail | null
  /** Whether the state is on the page, is being read, or cannot be shown. */
  state: 'shown' | 'reading' | 'missing'
}

/** Shown while the page is not at the current snapshot: what was asked for, the snapshot and a button back. */
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
        <>This state of the table does not exist.</>
      ) : (
        <ShownState shown={detail.shown} />
      )}
    </PastBand>
  )
}

function ShownState({ shown }: Pick<TableDetail, 'shown'>) {
  const { snapshotId, committedAtMs, ref } = shown
  const { atMs } = useAsOf().asOf
  if (snapshotId === null) return <>The table had no snapshot yet.</>
  const snapshot = (
    <>
      snapshot <code>{snapshotId}</code>
    </>
  )
  const committed = committedAtMs !== null && (
    <>
      {' '}
      committed <ExactTime atMs={committedAtMs} />
    </>
  )
  if (atMs !== undefined) {
    return (
      <>
        As of{' '}
        <strong>
          <ExactTime atMs={atMs} />
        </strong>{' '}
        · {snapshot}
        {committed}
      </>
    )
  }
  const isNamed = ref !== null && ref.name !== 'main'
  return (
    <>
      As of{' '}
      {isNamed ? (
        <>
          {ref.type} <strong>{visibleText(ref.name)}</strong> · {snapshot}
        </>
      ) : (
        <strong>{snapshot}</strong>
      )}
      {committed}
    </>
  )
}
