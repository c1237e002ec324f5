'use client'
import { useEffect, useRef } from 'react'
import type { RunLogLine } from '@/lib/contract/jobs'
import { formatExactTime } from '@/lib/format/time'
import classes from './jobs.module.css'

/** Nearer to the end than this is at the end, in pixels. */
const END_TOLERANCE_PX = 24

/** What a run said, oldest first; follows the end for as long as one is there. */
export function RunLog({ lines }: { lines: readonly RunLogLine[] }) {
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
      // It scrolls, so that it can be scrolled from the keyboard as well.
      {...{ role: 'log', 'aria-label': 'Log', tabIndex: 0 }}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < END_TOLERANCE_PX
      }}
    >
      {lines.length === 0 ? (
        <p className={classes.silent}>It has said nothing yet.</p>
      ) : (
        <ol>
          {lines.map(({ seq, atMs, level, text }) => (
            <li key={seq} data-level={level}>
              <time dateTime={new Date(atMs).toISOString()}>{formatExactTime(atMs).split(', ')[1]}</time>
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
