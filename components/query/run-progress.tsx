'use client'
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import type { QueryProgress } from '@/lib/client/duckdb/query-types'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import classes from './run-progress.module.css'

/** Fast queries finish before the progress appears. */
const SHOW_DELAY_MS = 150

const STEPS: Record<QueryProgress['step'], { label: string; note: string }> = {
  starting: { label: 'Starting DuckDB in this browser', note: 'Loaded once per visit, from this server.' },
  planning: { label: 'Planning which files to read', note: 'No data has been read yet.' },
  loading: { label: 'Loading columns', note: '' },
  running: { label: 'Running', note: 'Loaded columns are cached for the next query.' },
}

/** Progress of a query: its step, and bytes while it loads. */
export function RunProgress({ progress, onCancel }: { progress: QueryProgress; onCancel: () => void }) {
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SHOW_DELAY_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!isShown) return null
  const { step, readBytes, totalBytes, rowCount } = progress
  const hasTotal = step === 'loading' && totalBytes > 0
  const share = hasTotal ? Math.min(1, readBytes / totalBytes) : null
  return (
    <div role="status" className={classes.progress}>
      <p className={classes.step}>{STEPS[step].label}…</p>
      {hasTotal && <ProgressBar label="Loaded" share={share} />}
      <p className={classes.note}>
        {step === 'loading'
          ? `${formatBytes(readBytes)}${hasTotal ? ` of ${formatBytes(totalBytes)}` : ''} read, ${formatQuantity(rowCount, 'row')}`
          : STEPS[step].note}
      </p>
      <Button variant="default" onClick={onCancel} className={classes.cancel}>
        Cancel
      </Button>
    </div>
  )
}
