'use client'
import { useEffect, useRef } from 'react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { RunLogLine } from '@/lib/contract/jobs'
import { formatClock, formatTimeTitle } from '@/lib/format/time'
import classes from './jobs.module.css'

/** Distance from the end, in pixels, that counts as at the end. */
const END_TOLERANCE_PX = 24

/** The log of a run, oldest line first. It follows new lines while it is scrolled to the end. */
export function RunLog({ lines }: { lines: readonly RunLogLine[] }) {
  const timeZone = useTimeZone()
  const scroller = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const lineCount = lines.length
  useEffect(() => {
    const element = scroller.current
    if (element && isAtEnd.current && lineCount > 0) element.scrollTop = element.scrollHeight
  }, [lineCount])
  return (
    <div
      ref={scroller}
      className={classes.log}
      // Focusable, so that the keyboard can scroll it.
      {...{ role: 'log', 'aria-label': 'Log', tabIndex: 0 }}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < END_TOLERANCE_PX
      }}
    >
      {lines.length === 0 ? (
        <p className="bare quiet">No log lines yet.</p>
      ) : (
        <ol>
          {lines.map(({ seq, atMs, level, text }) => (
            <li key={seq} data-level={level}>
              <time dateTime={new Date(atMs).toISOString()} title={formatTimeTitle(atMs, timeZone)}>
                {formatClock(atMs, timeZone)}
              </time>
              <span>
                {level !== 'info' && <strong>{level}: </strong>}
                {text}
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}
