import { counterTexts, doneText } from '@/components/about/run-texts'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import type { Run } from '@/lib/contract/jobs'
import { doneShare, phaseLabel } from '@/lib/contract/run-kinds'
import { formatBytes } from '@/lib/format/bytes'
import { formatDuration } from '@/lib/format/duration'
import classes from './jobs.module.css'

/** Progress of a run: a bar if the total is known, then phase, completed amount, counters, rates and time. */
export function RunProgress({ run }: { run: Run }) {
  const { kind, title, progress } = run
  const phase = phaseLabel(kind, progress)
  const share = doneShare(progress)
  return (
    <div className={classes.progress}>
      <ProgressBar
        label={title}
        share={share}
        valueText={share === null ? phase : `${Math.round(share * 100)}%, ${phase}`}
      />
      <p className={classes.figures}>
        <span className="secondary medium">{phase}</span>
        {progressTexts(run).map((text) => (
          <span key={text}>{text}</span>
        ))}
      </p>
    </div>
  )
}

/** No rate is shown before this: it would not mean anything yet. */
const MIN_RATE_MS = 1_000

function progressTexts({ kind, progress, durationMs }: Run): string[] {
  const seconds = durationMs !== null && durationMs >= MIN_RATE_MS ? durationMs / 1000 : null
  const elapsed = durationMs === null ? [] : [formatDuration(durationMs)]
  if (progress === null) return elapsed
  const { done, unit } = progress
  const text = doneText(progress)
  const hasByteRate = unit === 'bytes' && done > 0 && seconds !== null
  return [
    ...(text === null ? [] : [text]),
    ...counterTexts(kind, progress, seconds),
    ...(hasByteRate ? [`${formatBytes(done / seconds)}/s`] : []),
    ...elapsed,
  ]
}
