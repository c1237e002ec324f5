import {
  IconAlertOctagon,
  IconBan,
  IconCheck,
  IconClock,
  IconClockPause,
  IconPlayerPlay,
  type TablerIcon,
} from '@tabler/icons-react'
import type { Run, RunState as State } from '@/lib/contract/jobs'
import classes from './jobs.module.css'

const STATE_LOOKS: Readonly<Record<State, { icon: TablerIcon; word: string }>> = {
  queued: { icon: IconClock, word: 'waiting' },
  running: { icon: IconPlayerPlay, word: 'running' },
  succeeded: { icon: IconCheck, word: 'succeeded' },
  failed: { icon: IconAlertOctagon, word: 'failed' },
  cancelled: { icon: IconBan, word: 'cancelled' },
}

/** The state of a run, with its icon. */
export function RunState({
  run,
}: {
  run: Pick<Run, 'state'> & Partial<Pick<Run, 'nextAttemptAtMs' | 'isCancelRequested'>>
}) {
  const isRetry = run.state === 'queued' && typeof run.nextAttemptAtMs === 'number'
  const isEnding = run.state === 'running' && run.isCancelRequested === true
  const { icon, word } = STATE_LOOKS[run.state]
  const Icon = isRetry ? IconClockPause : icon
  const label = isRetry ? 'waiting for a retry' : isEnding ? 'cancelling' : word
  return (
    <span className={classes.state} data-state={isRetry || isEnding ? 'retried' : run.state} title={label}>
      <Icon size={14} stroke={1.6} aria-hidden />
      <span>{label}</span>
    </span>
  )
}

export function stateName(state: State): string {
  return STATE_LOOKS[state].word
}
