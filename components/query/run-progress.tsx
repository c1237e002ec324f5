'use client'
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ProgressBar } from '@/components/ui/progress-bar'
import type { Progress } from '@/lib/client/duckdb/query'
import { formatBytes } from '@/lib/format/bytes'
import { counted } from '@/lib/format/count'
import classes from './run-progress.module.css'

/** Quick answers come without a flash of this. */
const SHOWN_AFTER_MS = 150

const STEPS: Record<Progress['step'], { doing: string; told: string }> = {
  starting: { doing: 'Starting DuckDB in this browser', told: 'Once per visit; it comes from this server.' },
  planning: { doing: 'Asking which files hold the rows', told: 'Nothing of the data is read yet.' },
  loading: { doing: 'Loading columns', told: '' },
  running: { doing: 'Running', told: 'What was loaded is kept for the next query.' },
}

/** How far a query is: its step, and while loading, bytes. */
export function RunProgress({ progress, onCancel }: { progress: Progress; onCancel: () => void }) {
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SHOWN_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!isShown) return null
  const { step, readBytes, totalBytes, rowCount } = progress
  const hasTotal = step === 'loading' && totalBytes > 0
  const share = hasTotal ? Math.min(1, readBytes / totalBytes) : null
  return (
    <div role="status" className={classes.progress}>
      <p className={classes.step}>{STEPS[step].doing}…</p>
      {hasTotal && <ProgressBar label="Loaded" share={share} />}
      <p className={classes.told}>
        {step === 'loading'
          ? `${formatBytes(readBytes)}${hasTotal ? ` of ${formatBytes(totalBytes)}` : ''} read, ${counted(rowCount, 'row')}`
          : STEPS[step].told}
      </p>
      <Button variant="default" onClick={onCancel} className={classes.cancel}>
        Cancel
      </Button>
    </div>
  )
}
