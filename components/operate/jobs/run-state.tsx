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
import { flawText } from '@/components/about/run-texts'
import type { Run, RunState as State } from '@/lib/contract/jobs'
import classes from './jobs.module.css'

const STATE_LOOKS: Readonly<Record<State, { icon: TablerIcon; word: string }>> = {
  queued: { icon: IconClock, word: 'waiting' },
  running: { icon: IconPlayerPlay, word: 'running' },
  succeeded: { icon: IconCheck, word: 'succeeded' },
  failed: { icon: IconAlertOctagon, word: 'failed' },
  cancelled: { icon: IconBan, word: 'cancelled' },
}

/** The state of a run, with its icon. One that succeeded, but left something for a person, says what instead. */
export function RunState({
  run,
}: {
  run: Pick<Run, 'state'> & Partial<Pick<Run, 'kind' | 'outcome' | 'nextAttemptAtMs' | 'isCancelRequested'>>
}) {
  const isRetry = run.state === 'queued' && typeof run.nextAttemptAtMs === 'number'
  const isEnding = run.state === 'running' && run.isCancelRequested === true
  const flaw = run.state === 'succeeded' && run.kind !== undefined ? flawText(run.kind, run.outcome ?? null) : null
  const { icon, word } = STATE_LOOKS[run.state]
  const Icon = isRetry ? IconClockPause : flaw === null ? icon : IconAlertTriangle
  const label = isRetry ? 'waiting for a retry' : isEnding ? 'cancelling' : (flaw ?? word)
  const look = isRetry || isEnding ? 'retried' : flaw === null ? run.state : 'flawed'
  return (
    <span className={classes.state} data-state={look} title={label}>
      <Icon size={14} stroke={1.6} aria-hidden />
      <span>{label}</span>
    </span>
  )
}

export function stateName(state: State): string {
  return STATE_LOOKS[state].word
}
