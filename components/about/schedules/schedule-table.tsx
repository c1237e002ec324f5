'use client'
import { Switch } from '@mantine/core'
import { IconClock, IconPlayerPlay, IconRotate, IconTrash, IconUserCheck } from '@tabler/icons-react'
import Link from 'next/link'
import { stateText } from '@/components/about/run-state'
import { summaryText } from '@/components/about/run-texts'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Mono } from '@/components/ui/values/mono'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { useRemoveSchedule, useRunSchedule, useSetSchedule, useTakeOverSchedule } from '@/lib/client/jobs/change-runs'
import { type RestartFrom, useRestartSavedResult } from '@/lib/client/jobs/saved-results'
import type { Schedule } from '@/lib/contract/jobs'
import { formatDay, formatTimeOfDay, formatTimeTitle } from '@/lib/format/time'
import { entryLabel } from '@/lib/names/identifiers'
import { ScheduleMenu } from './schedule-menu'
import classes from './schedule-table.module.css'

type ScheduleTableProps = {
  label: string
  schedules: readonly Schedule[]
  /** The address of a run. */
  runHref: (runId: string) => string
  /** Whether rows say which table their work is for. */
  showsTable?: boolean
}

/** Schedules with their next runs and their last one, and what the user may do with each. */
export function ScheduleTable({ label, schedules, runHref, showsTable = false }: ScheduleTableProps) {
  const save = useSetSchedule()
  const runNow = useRunSchedule()
  const takeOver = useTakeOverSchedule()
  const remove = useRemoveSchedule()
  const restart = useRestartSavedResult()
  const problem = save.error ?? runNow.error ?? takeOver.error ?? remove.error ?? restart.error
  const name: Column<Schedule> = {
    id: 'what',
    header: 'What',
    weight: 'name',
    cell: (schedule) => <What schedule={schedule} showsTable={showsTable} />,
  }
  const last: Column<Schedule> = {
    id: 'last',
    header: 'Last run',
    wideOnly: true,
    roomyOnly: true,
    cell: (schedule) => <LastRun schedule={schedule} runHref={runHref} />,
  }
  const enabled: Column<Schedule> = {
    id: 'enabled',
    header: 'On',
    cell: ({ id, title, version, isEnabled, canChange }) =>
      canChange ? (
        <Switch
          size="xs"
          aria-label={`On: ${title}`}
          checked={isEnabled}
          disabled={save.isPending}
          onChange={(event) => save.mutate({ schedule: id, version, isEnabled: event.currentTarget.checked })}
        />
      ) : isEnabled ? (
        'on'
      ) : (
        'off'
      ),
  }
  const actions: Column<Schedule> = {
    id: 'actions',
    header: '',
    align: 'end',
    cell: (schedule) => {
      const { id, kind, title, version, owner, pausedBecause, readsOn, canChange, canRun, canTakeOver } = schedule
      return (
        <span className={classes.actions}>
          {canTakeOver && (
            <WaitingButton
              variant="subtle"
              title="Take over"
              aria-label={`Take over: ${title}`}
              leftSection={<IconUserCheck size={14} stroke={1.6} aria-hidden />}
              loading={takeOver.isPending && takeOver.variables.schedule === id}
              onClick={() => takeOver.mutate({ schedule: id, version })}
            >
              Take over
            </WaitingButton>
          )}
          {canChange && (
            <ScheduleMenu
              action="Edit schedule"
              title={title}
              icon={IconClock}
              load={loadTimes}
              menuProps={{ schedule }}
            />
          )}
          {canRun && pausedBecause === null && (
            <WaitingButton
              variant="subtle"
              title="Run now"
              aria-label={`Run now: ${title}`}
              leftSection={<IconPlayerPlay size={14} stroke={1.6} aria-hidden />}
              loading={runNow.isPending && runNow.variables === id}
              onClick={() => runNow.mutate(id)}
            >
              Run now
            </WaitingButton>
          )}
          {canChange && readsOn && (
            <ScheduleMenu
              action="Start again"
              title={title}
              icon={IconRotate}
              load={loadRestart}
              menuProps={{
                title,
                onRestart: (from: RestartFrom) => restart.mutate({ schedule: id, version, from }),
              }}
            />
          )}
          {canChange && owner !== null && (
            <ScheduleMenu
              action="Remove"
              title={title}
              icon={IconTrash}
              load={loadRemoval}
              menuProps={{ title, kind, onRemove: () => remove.mutate(id) }}
            />
          )}
        </span>
      )
    },
  }
  const hasActions = schedules.some(({ canChange, canRun, canTakeOver }) => canChange || canRun || canTakeOver)
  return (
    <>
      <DataTable
        label={label}
        columns={[name, NEXT, STARTS, last, enabled, ...(hasActions ? [actions] : [])]}
        rows={schedules}
        rowKey={({ id }) => id}
        stacks
      />
      {problem && (
        <div className="padded">
          <ProblemNote error={problem} subject="The schedule" unchanged="The schedule was not changed." />
        </div>
      )}
    </>
  )
}

async function loadTimes() {
  return (await import('./schedule-times-popover')).ScheduleTimesPopover
}

async function loadRestart() {
  return (await import('./schedule-restart-popover')).ScheduleRestartPopover
}

async function loadRemoval() {
  return (await import('./schedule-removal-popover')).ScheduleRemovalPopover
}

const NEXT: Column<Schedule> = {
  id: 'next',
  header: 'Next runs',
  cell: (schedule) => <NextTimes schedule={schedule} />,
}

const STARTS: Column<Schedule> = {
  id: 'cron',
  header: 'Schedule',
  wideOnly: true,
  cell: ({ startsBy, cron, timeZone, watchedTables }) => {
    if (startsBy === 'hand') return <span className={classes.quiet}>by hand</span>
    if (startsBy === 'tables')
      return (
        <span className={classes.quiet}>
          {watchedTables.length === 0 ? 'after changes of tables' : `after ${watchedTables.map(entryLabel).join(', ')}`}
        </span>
      )
    return (
      <>
        <Mono>{cron}</Mono> <span className={classes.quiet}>{timeZone}</span>
      </>
    )
  },
}

function What({ schedule, showsTable }: { schedule: Schedule; showsTable: boolean }) {
  const { title, detail, table, owner, pausedBecause } = schedule
  const facts = [
    ...(detail === null ? [] : [detail]),
    ...(showsTable && table !== null ? [`into ${entryLabel(table)}`] : []),
    ...(owner === null ? [] : [`by ${owner}`]),
  ]
  return (
    <span className={classes.what}>
      {title}
      {facts.length > 0 && <span>{facts.join(', ')}</span>}
      {pausedBecause !== null && <span className="warn">paused: {pausedBecause}</span>}
    </span>
  )
}

function NextTimes({
  schedule: { isEnabled, startsBy, pausedBecause, nextRunsAtMs },
}: {
  schedule: Pick<Schedule, 'isEnabled' | 'startsBy' | 'pausedBecause' | 'nextRunsAtMs'>
}) {
  if (!isEnabled) return <span className={classes.quiet}>{pausedBecause === null ? 'switched off' : 'paused'}</span>
  if (startsBy !== 'times')
    return (
      <span className={classes.quiet}>{startsBy === 'hand' ? 'when a user starts it' : 'with the next change'}</span>
    )
  return <UpcomingTimes atMs={nextRunsAtMs} />
}

/** Soonest first. */
export function UpcomingTimes({ atMs: times }: { atMs: readonly number[] }) {
  const timeZone = useTimeZone()
  return (
    <ol className={classes.next}>
      {times.map((atMs) => (
        <li key={atMs}>
          <time dateTime={new Date(atMs).toISOString()} title={formatTimeTitle(atMs, timeZone)}>
            {formatDay(atMs, timeZone)} {formatTimeOfDay(atMs, timeZone)}
          </time>
        </li>
      ))}
    </ol>
  )
}

function LastRun({
  schedule: { kind, lastRun, lastSkippedAtMs },
  runHref,
}: { schedule: Schedule } & Pick<ScheduleTableProps, 'runHref'>) {
  const isSkipped = lastSkippedAtMs !== null && (lastRun === null || lastSkippedAtMs > lastRun.createdAtMs)
  const summary = lastRun === null ? null : summaryText(kind, lastRun.outcome)
  return (
    <>
      {lastRun === null ? (
        <span className={classes.quiet}>none yet</span>
      ) : (
        <>
          <Link href={runHref(lastRun.id)} prefetch={false} scroll={false}>
            {stateText({ kind, ...lastRun })}
          </Link>
          {summary !== null && `, ${summary}`} <RelativeTime atMs={lastRun.finishedAtMs ?? lastRun.createdAtMs} />
        </>
      )}
      {isSkipped && (
        <span className="warn">
          {' '}
          skipped <RelativeTime atMs={lastSkippedAtMs} />: the previous run was still running
        </span>
      )}
    </>
  )
}
