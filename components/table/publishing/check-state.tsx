import { IconAlertTriangle, IconCheck, IconClock, IconX } from '@tabler/icons-react'
import type { CheckResult } from '@/lib/contract/table/publications'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import classes from './check-state.module.css'

const ICONS = {
  failed: IconX,
  'not-run': IconAlertTriangle,
  stale: IconClock,
  unchecked: IconClock,
  passed: IconCheck,
} as const

const LABELS: Readonly<Record<CheckResult['state'], string>> = {
  failed: 'failed',
  'not-run': 'could not run',
  stale: 'stale',
  unchecked: 'not run',
  passed: 'passed',
}

/** The name of a check and its result, on one line. Colour is never the only sign. */
export function CheckLine({ check }: { check: CheckResult }) {
  const { name, state } = check
  const Icon = ICONS[state]
  const found = foundText(check)
  return (
    <div className={classes.line} data-state={state}>
      <Icon size={15} stroke={1.8} aria-label={LABELS[state]} />
      <span className={classes.name} title={name}>
        {name}
      </span>
      <span className={classes.found} title={found}>
        {found}
      </span>
    </div>
  )
}

/** `3 rows, 88 ms`, or why the check has no such result. */
export function foundText({
  state,
  staleReason,
  rowCount,
  isTruncated,
  isHidden,
  durationMs,
  message,
}: CheckResult): string {
  if (state === 'unchecked') return 'not run on this snapshot'
  if (state === 'stale') {
    return staleReason === 'text' ? 'stale: the check was changed since' : 'stale: ran on an earlier snapshot'
  }
  if (state === 'not-run') return message === null ? 'could not run' : `could not run: ${message}`
  if (isHidden && state === 'failed') return 'failed'
  const rows = isTruncated ? `more than ${formatCount(rowCount ?? 0)} rows` : formatQuantity(rowCount ?? 0, 'row')
  return durationMs === null ? rows : `${rows}, ${formatDuration(durationMs)}`
}
