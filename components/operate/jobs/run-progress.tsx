import { ProgressBar } from '@/components/ui/values/progress-bar'
import type { Run } from '@/lib/contract/jobs'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import classes from './jobs.module.css'

/** Progress of a run: a bar by bytes if the total is known, then rows, rates, files and time. */
export function RunProgress({ run: { title, progress, runningMs } }: { run: Run }) {
  const { phase = 'starting', bytesRead = 0, bytesTotal = 0 } = progress ?? {}
  const share = bytesTotal > 0 ? Math.min(1, bytesRead / bytesTotal) : null
  return (
    <div className={classes.progress}>
      <ProgressBar
        label={title}
        share={share}
        valueText={share === null ? phase : `${Math.round(share * 100)}%, ${phase}`}
      />
      <p className={classes.figures}>
        <span className="secondary medium">{phase}</span>
        {progressTexts(progress, runningMs).map((text) => (
          <span key={text}>{text}</span>
        ))}
      </p>
    </div>
  )
}

/** No rate is shown before this: it would not mean anything yet. */
const MIN_RATE_MS = 1_000

function progressTexts(progress: Run['progress'], runningMs: number | null): string[] {
  const { bytesRead = 0, bytesTotal = 0, rowsRead = 0, filesWritten = 0 } = progress ?? {}
  const seconds = runningMs !== null && runningMs >= MIN_RATE_MS ? runningMs / 1000 : null
  return [
    ...(bytesTotal > 0 ? [`${formatBytes(bytesRead)} of ${formatBytes(bytesTotal)}`] : []),
    ...(rowsRead > 0 ? [formatQuantity(rowsRead, 'row')] : []),
    ...(rowsRead > 0 && seconds !== null ? [`${formatCount(Math.round(rowsRead / seconds))} rows/s`] : []),
    ...(bytesRead > 0 && seconds !== null ? [`${formatBytes(bytesRead / seconds)}/s`] : []),
    ...(filesWritten > 0 ? [formatQuantity(filesWritten, 'file')] : []),
    ...(runningMs !== null ? [formatDuration(runningMs)] : []),
  ]
}
