'use client'
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { TableDetail } from '@/lib/contract/tables'
import { formatExactTime } from '@/lib/format/time'
import classes from './timeline.module.css'

type TimelineProps = {
  timeline: TableDetail['timeline']
  shownSnapshotId: string | null
  onChoose: (snapshotId: string) => void
}

/**
 * The commits to `main` on a time line, a tick each; tagged ones are taller. It is a slider: arrow keys move from
 * commit to commit, and a click chooses the nearest one.
 */
export function Timeline({ timeline, shownSnapshotId, onChoose }: TimelineProps) {
  const timeZone = useTimeZone()
  const line = useRef<HTMLDivElement>(null)
  const shownIndex = timeline.findLastIndex(({ snapshotId }) => snapshotId === shownSnapshotId)
  const shown = timeline[shownIndex]
  const shareOfTime = (committedAtMs: number) => {
    const first = timeline[0]?.committedAtMs ?? 0
    const last = timeline.at(-1)?.committedAtMs ?? 0
    return last === first ? 1 : (committedAtMs - first) / (last - first)
  }
  const goTo = (index: number) => {
    const target = timeline[Math.min(Math.max(index, 0), timeline.length - 1)]
    if (target && target.snapshotId !== shownSnapshotId) onChoose(target.snapshotId)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const target = { ArrowLeft: shownIndex - 1, ArrowRight: shownIndex + 1, Home: 0, End: timeline.length - 1 }[
      event.key
    ]
    if (target === undefined) return
    event.preventDefault()
    goTo(target)
  }
  const onPointerDown = (event: PointerEvent) => {
    const box = line.current?.getBoundingClientRect()
    if (!box) return
    const clickedShare = (event.clientX - box.left) / box.width
    const distances = timeline.map(({ committedAtMs }) => Math.abs(shareOfTime(committedAtMs) - clickedShare))
    goTo(distances.indexOf(Math.min(...distances)))
  }
  if (timeline.length === 0) return null
  return (
    <div
      ref={line}
      className={classes.line}
      role="slider"
      tabIndex={0}
      aria-label="Commits to main"
      aria-valuemin={1}
      aria-valuemax={timeline.length}
      aria-valuenow={shownIndex + 1}
      aria-valuetext={
        shown ? `${formatExactTime(shown.committedAtMs, timeZone)}, snapshot ${shown.snapshotId}` : 'not on main'
      }
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
    >
      {timeline.map(({ snapshotId, committedAtMs, isTagged }, index) => (
        <span
          key={`${snapshotId} ${index}`}
          className={isTagged ? classes.tagged : classes.tick}
          style={{ left: `${shareOfTime(committedAtMs) * 100}%` }}
          title={formatExactTime(committedAtMs, timeZone)}
        />
      ))}
      {shown && <span className={classes.shown} style={{ left: `${shareOfTime(shown.committedAtMs) * 100}%` }} />}
    </div>
  )
}
