import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconClock,
  IconClockPause,
  IconPlayerPlay,
  type TablerIcon,
} from '@tabler/icons-react'
import { warningTexts } from './run-texts'
import type { Run, RunState as State } from '@/lib/contract/jobs'
import classes from './run-state.module.css'

const STATE_LOOKS: Readonly<Record<State, { icon: TablerIcon; word: string }>> = {
  queued: { icon: IconClock, word: 'waiting' },
  running: { icon: IconPlayerPlay, word: 'running' },
  succeeded: { icon: IconCheck, word: 'succeeded' },
  failed: { icon: IconAlertOctagon, word: 'failed' },
  cancelled: { icon: IconBan, word: 'cancelled' },
}

/**
 * The state of a run, with its icon and what a user has to look at although the run succeeded.
 *
 * @param props.isShort without the warnings, which another column has
 */
export function RunState({
  run,
  isShort = false,
}: {
  isShort?: boolean
  run: Pick<Run, 'kind' | 'state' | 'warnings'> &
    Partial<Pick<Run, 'nextAttemptAtMs' | 'isCancelRequested' | 'awaitedUploads'>>
}) {
  const isAwaiting = run.state === 'queued' && (run.awaitedUploads ?? 0) > 0
  const isRetry = run.state === 'queued' && typeof run.nextAttemptAtMs === 'number'
  const isEnding = run.state === 'running' && run.isCancelRequested === true
  const hasWarnings = Object.keys(run.warnings).length > 0
  const Icon = isRetry ? IconClockPause : hasWarnings ? IconAlertTriangle : STATE_LOOKS[run.state].icon
  const label = isAwaiting
    ? 'waiting for bytes'
    : isRetry
      ? 'waiting for a retry'
      : isEnding
        ? 'cancelling'
        : stateText(run)
  const shown = isShort && hasWarnings ? 'with warnings' : label
  return (
    <span
      className={classes.state}
      data-state={isRetry || isEnding ? 'retried' : hasWarnings ? 'warned' : run.state}
      title={label}
    >
      <Icon size={14} stroke={1.6} aria-hidden />
      <span>{shown}</span>
    </span>
  )
}

/** The word for the state, and the warnings. A run that has some did not simply succeed: `finished, 12 rows rejected`. */
export function stateText({ kind, state, warnings }: Pick<Run, 'kind' | 'state' | 'warnings'>): string {
  const texts = warningTexts(kind, warnings)
  if (isStoppedStep({ kind, state })) return 'paused or stopped'
  return [texts.length > 0 && state === 'succeeded' ? 'finished' : stateName(state), ...texts].join(', ')
}

/** Whether it is a run of a change of many tables, which is paused by cancelling it: another run can continue. */
export function isStoppedStep({ kind, state }: Pick<Run, 'kind' | 'state'>): boolean {
  return kind === 'change-tables' && state === 'cancelled'
}

export function stateName(state: State): string {
  return STATE_LOOKS[state].word
}
