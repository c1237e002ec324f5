'use client'
import { useEffect, useState } from 'react'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import type { QueryProgress } from '@/lib/query/engine'
import type { EngineName } from '@/lib/client/query/engine-names'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import classes from './run-progress.module.css'

/** Fast queries finish before the progress appears. */
const SHOW_DELAY_MS = 150

const STEPS: Record<QueryProgress['step'], { label: string; note: string }> = {
  starting: { label: 'Starting DuckDB in this browser', note: 'Loaded once per visit, from this server.' },
  planning: { label: 'Planning which files to read', note: 'No data has been read yet.' },
  loading: { label: 'Loading columns', note: '' },
  running: { label: 'Running', note: 'Loaded columns are cached for the next query.' },
}

/** Where a query on the server differs. */
const SERVER_STEPS: Partial<typeof STEPS> = {
  starting: { label: 'Starting a process on the server', note: 'Every query runs in its own process.' },
  running: { label: 'Running', note: 'It ends when you cancel it or close the page.' },
}

/** Progress of a query: its step, how long it has been running, and bytes while it loads. */
export function RunProgress({
  progress,
  startedAtMs,
  engine,
}: {
  progress: QueryProgress
  startedAtMs: number
  engine: EngineName
}) {
  const nowMs = useSeconds()
  if (nowMs - startedAtMs < SHOW_DELAY_MS) return null
  const { step, readBytes, totalBytes, rowCount } = progress
  const { label, note } = (engine === 'server' ? SERVER_STEPS[step] : undefined) ?? STEPS[step]
  const hasTotal = step === 'loading' && totalBytes > 0
  const share = hasTotal ? Math.min(1, readBytes / totalBytes) : null
  return (
    <div className={classes.progress}>
      <p className="medium">
        <span role="status">{label}</span> {/* Not announced: it changes every second. */}
        <span role="timer" aria-label="Time since the start" className={classes.clock}>
          {formatSeconds(nowMs - startedAtMs)}
        </span>
      </p>
      {hasTotal && <ProgressBar label="Loaded" share={share} />}
      <p className="quiet small">
        {step === 'loading'
          ? `${formatBytes(readBytes)}${hasTotal ? ` of ${formatBytes(totalBytes)}` : ''} read, ${formatQuantity(rowCount, 'row')}`
          : note}
      </p>
    </div>
  )
}

/** Whole seconds, then minutes. */
function formatSeconds(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000)
}

/** The current time: when it is first needed, a moment later and then each second. */
function useSeconds(): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const tick = () => setNowMs(Date.now())
    const first = setTimeout(tick, SHOW_DELAY_MS)
    const timer = setInterval(tick, 1000)
    return () => {
      clearTimeout(first)
      clearInterval(timer)
    }
  }, [])
  return nowMs
}
