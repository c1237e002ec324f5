'use client'
import { Button } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import type { TableDetail } from '@/lib/contract/tables'
import { formatExactTime } from '@/lib/format/time'
import classes from './as-of-band.module.css'
import { Timeline } from './timeline'
import { useChooseAsOf } from './use-as-of'

/** Says that this is not now: which moment, which snapshot, and the way back. */
export function AsOfBand({ detail }: { detail: TableDetail }) {
  const choose = useChooseAsOf()
  const { shown } = detail
  if (shown.isNow) return null
  return (
    <section className={classes.band} aria-label="Time travel">
      <IconHistory size={16} stroke={1.6} className={classes.icon} aria-hidden />
      <p className={classes.sentence}>
        {shown.committedAtMs === null ? (
          <>There is no snapshot here yet.</>
        ) : (
          <>
            You are looking at the table as it was on <strong>{formatExactTime(shown.committedAtMs)}</strong>
            {shown.ref && shown.ref.name !== 'main' && (
              <>
                , {shown.ref.type} <strong>{shown.ref.name}</strong>
              </>
            )}
            , snapshot <code>{shown.snapshotId}</code>
          </>
        )}
      </p>
      <div className={classes.timeline}>
        <Timeline
          timeline={detail.timeline}
          shownSnapshotId={shown.snapshotId}
          onChoose={(snapshotId) => choose({ snapshotId })}
        />
      </div>
      <Button variant="default" className={classes.back} onClick={() => choose({})}>
        Back to now
      </Button>
    </section>
  )
}
