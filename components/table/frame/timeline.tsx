'use client'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatExactTime } from '@/lib/format/time'
import classes from './timeline.module.css'

/** A drag shows a state this often at most: browsers limit how often an address changes. */
const DRAG_INTERVAL_MS = 120

type TimelineProps = {
  timeline: TableDetail['timeline']
  shownSnapshotId: string | null
  /** `isSameStep`: the same drag continues; *Back* undoes it as a whole. */
  onChoose: (snapshotId: string, options: { isSameStep: boolean }) => void
}

/**
 * The commits to `main`, oldest at the left, a tick each; tagged ones are taller. The ticks are evenly spaced, so that
 * commits in quick succession stay distinct. It is a slider: arrow keys move from commit to commit, a click chooses
 * the nearest one, and dragging goes through them.
 */
export function Timeline({ timeline, shownSnapshotId, onChoose }: TimelineProps) {
  const timeZone = useTimeZone()
  const line = useRef<HTMLDivElement>(null)
  const shownIndex = timeline.findLastIndex(({ snapshotId }) => snapshotId === shownSnapshotId)
  // Several keys may come before the page shows the first of their commits.
  const [ahead, setAhead] = useState<{ shownIndex: number; steps: readonly number[] }>({ shownIndex, steps: [] })
  if (ahead.shownIndex !== shownIndex) {
    // A snapshot that main returned to has two positions: the thumb stays at the one that the user chose.
    const reached = ahead.steps.findLastIndex((step) => timeline[step]?.snapshotId === shownSnapshotId)
    const isOtherPosition = reached >= 0 && ahead.steps[reached] !== shownIndex
    setAhead({ shownIndex, steps: reached < 0 ? [] : ahead.steps.slice(isOtherPosition ? reached : reached + 1) })
  }
  const index = ahead.steps.at(-1) ?? shownIndex
  const chosen = timeline[index]
  const shareOf = (position: number) => (timeline.length < 2 ? 1 : position / (timeline.length - 1))
  const lastDragMs = useRef(0)
  const goTo = (requested: number, isSameStep = false) => {
    const position = Math.min(Math.max(requested, 0), timeline.length - 1)
    const target = timeline[position]
    if (!target || position === index) return
    setAhead({ shownIndex, steps: [...ahead.steps, position] })
    onChoose(target.snapshotId, { isSameStep })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const target = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: timeline.length - 1 }[event.key]
    if (target === undefined) return
    event.preventDefault()
    goTo(target)
  }
  const goToPointer = (event: PointerEvent, isSameStep = false) => {
    const box = line.current?.getBoundingClientRect()
    if (box) goTo(Math.round(((event.clientX - box.left) / box.width) * (timeline.length - 1)), isSameStep)
  }
  const drag = (event: PointerEvent) => {
    if (event.timeStamp - lastDragMs.current < DRAG_INTERVAL_MS) return
    lastDragMs.current = event.timeStamp
    goToPointer(event, true)
  }
  if (timeline.length === 0) return null
  return (
    <div
      ref={line}
      className={classes.line}
      role="slider"
      tabIndex={0}
      aria-label="Commits to main, evenly spaced"
      aria-valuemin={1}
      aria-valuemax={timeline.length}
      aria-valuenow={index + 1}
      aria-valuetext={
        chosen ? `${formatExactTime(chosen.committedAtMs, timeZone)}, snapshot ${chosen.snapshotId}` : 'not on main'
      }
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        goToPointer(event)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) drag(event)
      }}
      onPointerUp={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) goToPointer(event, true)
      }}
    >
      {timeline.map(({ snapshotId, committedAtMs, isTagged }, position) => (
        <span
          key={`${snapshotId} ${position}`}
          className={isTagged ? classes.tagged : classes.tick}
          style={{ left: `${shareOf(position) * 100}%` }}
          title={formatExactTime(committedAtMs, timeZone)}
        />
      ))}
      {chosen && <span className={classes.shown} style={{ left: `${shareOf(index) * 100}%` }} />}
    </div>
  )
}
