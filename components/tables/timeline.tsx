'use client'
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import type { TableDetail } from '@/lib/contract/tables'
import { formatExactTime } from '@/lib/format/time'
import classes from './timeline.module.css'

type TimelineProps = {
  timeline: TableDetail['timeline']
  shownSnapshotId: string | null
  onChoose: (snapshotId: string) => void
}

/**
 * The commits to `main` on a line, a tick each, tall where a tag is. A slider: arrow keys go from commit to commit, a
 * click goes to the nearest.
 */
export function Timeline({ timeline, shownSnapshotId, onChoose }: TimelineProps) {
  const line = useRef<HTMLDivElement>(null)
  const at = timeline.findLastIndex(({ snapshotId }) => snapshotId === shownSnapshotId)
  const shown = timeline[at]
  const share = (committedAtMs: number) => {
    const first = timeline[0]?.committedAtMs ?? 0
    const last = timeline.at(-1)?.committedAtMs ?? 0
    return last === first ? 1 : (committedAtMs - first) / (last - first)
  }
  const go = (index: number) => {
    const target = timeline[Math.min(Math.max(index, 0), timeline.length - 1)]
    if (target && target.snapshotId !== shownSnapshotId) onChoose(target.snapshotId)
  }
  const walk = (event: KeyboardEvent) => {
    const target = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: timeline.length - 1 }[event.key]
    if (target === undefined) return
    event.preventDefault()
    go(target)
  }
  const pick = (event: PointerEvent) => {
    const box = line.current?.getBoundingClientRect()
    if (!box) return
    const wanted = (event.clientX - box.left) / box.width
    const distances = timeline.map(({ committedAtMs }) => Math.abs(share(committedAtMs) - wanted))
    go(distances.indexOf(Math.min(...distances)))
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
      aria-valuenow={at + 1}
      aria-valuetext={shown ? `${formatExactTime(shown.committedAtMs)}, snapshot ${shown.snapshotId}` : 'not on main'}
      onKeyDown={walk}
      onPointerDown={pick}
    >
      {timeline.map(({ snapshotId, committedAtMs, isTagged }, index) => (
        <span
          key={`${snapshotId} ${index}`}
          className={isTagged ? classes.tagged : classes.tick}
          style={{ left: `${share(committedAtMs) * 100}%` }}
          title={formatExactTime(committedAtMs)}
        />
      ))}
      {shown && <span className={classes.shown} style={{ left: `${share(shown.committedAtMs) * 100}%` }} />}
    </div>
  )
}
