'use client'
import { Switch } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Mono } from '@/components/ui/values/mono'
import { Panel } from '@/components/ui/panel'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useRunSchedule, useSetSchedule } from '@/lib/client/jobs/change-runs'
import { schedulesQuery } from '@/lib/client/jobs/runs'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { Schedule } from '@/lib/contract/jobs'
import { formatQuantity } from '@/lib/format/count'
import { formatDay, formatTimeOfDay, formatTimeTitle } from '@/lib/format/time'
import { retryFetch } from '@/lib/client/call/retry'
import classes from './jobs.module.css'
import { RunLink } from './run-link'
import { stateText } from './run-state'
import { ScheduleTimes } from './schedule-times'

/** Schedules with their next runs. Admins can change them. */
export function Schedules() {
  const { data: schedules, error, isPending, refetch } = useQuery(schedulesQuery())
  const canChange = useHasPermission('console:admin') === true
  const saveSchedule = useSetSchedule()
  const runNow = useRunSchedule()
  const problem = saveSchedule.error ?? runNow.error
  const actions: Column<Schedule> = {
    id: 'actions',
    header: '',
    align: 'end',
    cell: (schedule) => (
      <span className={classes.actions}>
        <ScheduleTimes schedule={schedule} />
        <WaitingButton
          variant="subtle"
          aria-label={`Run now: ${schedule.title}`}
          leftSection={<IconPlayerPlay size={14} stroke={1.6} aria-hidden />}
          loading={runNow.isPending && runNow.variables === schedule.id}
          onClick={() => runNow.mutate(schedule.id)}
        >
          Run now
        </WaitingButton>
      </span>
    ),
  }
  const enabled: Column<Schedule> = {
    id: 'enabled',
    header: 'On',
    cell: ({ id, title, isEnabled }) =>
      canChange ? (
        <Switch
          size="xs"
          aria-label={`On: ${title}`}
          checked={isEnabled}
          disabled={saveSchedule.isPending}
          onChange={(event) => saveSchedule.mutate({ schedule: id, isEnabled: event.currentTarget.checked })}
        />
      ) : isEnabled ? (
        'on'
      ) : (
        'off'
      ),
  }
  return (
    <Panel title="Scheduled" subtitle={schedules && formatQuantity(schedules.length, 'schedule')} flush>
      {isPending ? (
        <div className={classes.schedulesPlaceholder} data-actions={canChange || undefined}>
          <SkeletonRows rows={3} columns={5} label="Reading schedules" />
        </div>
      ) : error && schedules === undefined ? (
        <div className="padded">
          <ProblemNote error={error} subject="The list of schedules" onRetry={() => retryFetch(refetch)} />
        </div>
      ) : schedules === undefined || schedules.length === 0 ? (
        <EmptyState>
          Nothing is scheduled that you may see. The worker creates the first schedule when it starts.
        </EmptyState>
      ) : (
        <DataTable
          label="Scheduled"
          columns={[...COLUMNS, enabled, ...(canChange ? [actions] : [])]}
          rows={schedules}
          rowKey={({ id }) => id}
          stacks
        />
      )}
      {problem && (
        <div className="padded">
          <ProblemNote error={problem} subject="The schedule" unchanged="The schedule was not changed." />
        </div>
      )}
    </Panel>
  )
}

const COLUMNS: readonly Column<Schedule>[] = [
  { id: 'what', header: 'What', weight: 'name', cell: ({ title }) => title },
  { id: 'next', header: 'Next runs', cell: (schedule) => <NextTimes schedule={schedule} /> },
  {
    id: 'cron',
    header: 'Schedule',
    wideOnly: true,
    cell: ({ cron, timeZone }) => (
      <>
        <Mono>{cron}</Mono> <span className={classes.zone}>{timeZone}</span>
      </>
    ),
  },
  {
    id: 'last',
    header: 'Last run',
    wideOnly: true,
    roomyOnly: true,
    cell: (schedule) => <LastRun schedule={schedule} />,
  },
]

function NextTimes({ schedule: { isEnabled, nextRunsAtMs } }: { schedule: Schedule }) {
  const timeZone = useTimeZone()
  if (!isEnabled) return <span className={classes.zone}>switched off</span>
  return (
    <ol className={classes.next}>
      {nextRunsAtMs.map((atMs) => (
        <li key={atMs}>
          <time dateTime={new Date(atMs).toISOString()} title={formatTimeTitle(atMs, timeZone)}>
            {formatDay(atMs, timeZone)} {formatTimeOfDay(atMs, timeZone)}
          </time>
        </li>
      ))}
    </ol>
  )
}

function LastRun({ schedule: { kind, lastRun, lastSkippedAtMs } }: { schedule: Schedule }) {
  const isSkipped = lastSkippedAtMs !== null && (lastRun === null || lastSkippedAtMs > lastRun.createdAtMs)
  return (
    <>
      {lastRun === null ? (
        <span className={classes.zone}>none yet</span>
      ) : (
        <>
          <RunLink runId={lastRun.id}>{stateText({ kind, ...lastRun })}</RunLink>{' '}
          <RelativeTime atMs={lastRun.finishedAtMs ?? lastRun.createdAtMs} />
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
