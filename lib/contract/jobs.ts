import { z } from 'zod'
import { endpoint } from './endpoint'
import { tableIdentifierOnWire, tableBadge } from './shapes/lake'
import { RUN_EVENTS_PATH } from './shapes/plain-values'
import { MAX_RUN_COUNTERS, MAX_RUN_WARNINGS, RUN_UNITS } from './run-kinds'
import { boundedRecord } from './shapes/limits'
import { problem } from './shapes/problem'
import { contractSchemas } from './shapes/schemas'
import { count, entryName, instantMs, intInQuery, namespaceOnWire } from './shapes/wire'

/** The state of a run: it waits, is in progress, or has ended in one of three ways. */
export const RUN_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
export type RunState = (typeof RUN_STATES)[number]

export const LOG_LEVELS = ['info', 'warning', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const id = z.string().regex(/^[\w-]{1,64}$/, 'an id of 1 to 64 letters, digits, _ and -')

const progress = z
  .object({
    /** The phase that the run is in; null until it reports one. */
    phase: z.string().max(64).nullable(),
    /** In `unit`, like `total`, which is null while it is not known. */
    done: count,
    total: count.nullable(),
    unit: z.enum(RUN_UNITS),
    /** Further counters of the kind of run, by name: `rowsRead`, `filesWritten` … */
    counters: boundedRecord(z.string().max(64), count, MAX_RUN_COUNTERS),
  })
  .register(contractSchemas, { id: 'RunProgress' })

/** One execution of long work, as it is shown to people. */
export const run = z
  .object({
    id,
    kind: z.string(),
    /** The work of the run, without the table's name. */
    title: z.string(),
    state: z.enum(RUN_STATES),
    /** Null for work on a catalog or on the console itself. */
    table: tableIdentifierOnWire.nullable(),
    /** The change of many tables that it is a step of. */
    bulkChange: z.object({ catalog: z.string(), bulkChangeId: z.string() }).nullable(),
    actor: z.string(),
    scheduleId: z.string().nullable(),
    createdAtMs: instantMs,
    /** When the first attempt started, and when the current one did. */
    startedAtMs: instantMs.nullable(),
    attemptStartedAtMs: instantMs.nullable(),
    finishedAtMs: instantMs.nullable(),
    /** Duration of the current or the last attempt so far, by the server's clock; null before the first. */
    durationMs: count.nullable(),
    attempt: count,
    /** A run that waits for a retry does not start before this time. */
    nextAttemptAtMs: instantMs.nullable(),
    /** It was queued for this time, and does not start before. */
    scheduledForMs: instantMs.nullable(),
    isCancelRequested: z.boolean(),
    progress: progress.nullable(),
    /** The result, by name, as the kind of run has it: `rowsCommitted`, `snapshotId` … */
    outcome: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
    /**
     * Counts of the problems in the result of a run that succeeded, as its kind names them: `rowsRejected`,
     * `checksNotPassed` … Empty without problems, and for all other runs.
     */
    warnings: boundedRecord(z.string().max(64), count, MAX_RUN_WARNINGS),
    /** Why it ended without success, or why it is retried. */
    error: problem.pick({ code: true, detail: true, facts: true }).nullable(),
    /** The number of the last line of its log. */
    lastLine: count,
    /** Whether the caller may cancel or retry it. */
    canChange: z.boolean(),
  })
  .register(contractSchemas, { id: 'Run' })
export type Run = z.output<typeof run>

const logLine = z
  .object({ seq: count, atMs: instantMs, level: z.enum(LOG_LEVELS), text: z.string() })
  .register(contractSchemas, { id: 'RunLogLine' })
export type RunLogLine = z.output<typeof logLine>

/** Runs of one state, those that succeeded with warnings, or all that have ended, or all that have not. */
export const RUN_GROUPS = [...RUN_STATES, 'with-warnings', 'ended', 'open'] as const
export type RunGroup = (typeof RUN_GROUPS)[number]

export const listRuns = endpoint({
  summary: 'Lists the runs that the caller may read, newest first',
  method: 'GET',
  path: '/api/v1/jobs/runs',
  permission: 'signed-in',
  input: z.object({
    state: z.enum(RUN_GROUPS).optional(),
    kind: z.string().max(64).optional(),
    /** The runs of one table: all three fields are given. */
    catalog: entryName.optional(),
    namespace: namespaceOnWire.optional(),
    table: entryName.optional(),
    before: id.optional(),
    limit: intInQuery.optional(),
  }),
  output: z.object({
    runs: z.array(run).max(200),
    /** Badges of their tables, as the search index has them. */
    badges: z.array(tableBadge).max(200),
    nextBefore: id.nullable(),
    /** Kinds that have runs or schedules. */
    kinds: z.array(z.string()),
    /** Whether a worker is alive to start waiting runs. */
    isWorkerAlive: z.boolean(),
  }),
})

const undoLink = run.pick({ id: true, title: true, state: true, outcome: true })
export type UndoLink = z.output<typeof undoLink>

export const getRun = endpoint({
  summary: 'Returns a run and the lines of its log after line `after`',
  description: 'All lines that exist are returned, up to 500.',
  method: 'GET',
  path: '/api/v1/jobs/runs/:run',
  permission: 'signed-in',
  input: z.object({ run: id, after: intInQuery.optional() }),
  output: z.object({
    run,
    lines: z.array(logLine).max(500),
    /** Whether the log may still grow: until the run has ended, and for some seconds more. */
    isLogOpen: z.boolean(),
    /**
     * The newest run that had changed the tables that this one restores. Null for a run that is no undo of a change of
     * many tables, and if that run was removed.
     */
    undoes: undoLink.nullable(),
    /** The newest run that undoes, or undid, what this one changed. */
    undoneBy: undoLink.nullable(),
    /** The badge of its table, as the search index has it. */
    badges: z.array(tableBadge).max(1),
  }),
})

const changeInput = z.object({ run: id })

export const cancelRun = endpoint({
  summary: 'Cancels a run',
  description: 'A waiting run ends at once. A running one stops as soon as it can, and cleans up.',
  method: 'POST',
  path: '/api/v1/jobs/runs/:run/cancel',
  permission: 'signed-in',
  input: changeInput,
  output: z.object({ run }),
})

export const retryRun = endpoint({
  summary: 'Queues a failed or cancelled run again, as a new run of the caller',
  method: 'POST',
  path: '/api/v1/jobs/runs/:run/retry',
  permission: 'signed-in',
  input: changeInput,
  output: z.object({ run }),
})

/** A job that is queued at fixed times. */
export const schedule = z
  .object({
    id,
    kind: z.string(),
    title: z.string(),
    table: tableIdentifierOnWire.nullable(),
    cron: z.string(),
    timeZone: z.string(),
    isEnabled: z.boolean(),
    /** The next three times, soonest first; empty when the schedule is disabled. */
    nextRunsAtMs: z.array(instantMs).max(3),
    lastRun: run.pick({ id: true, state: true, warnings: true, createdAtMs: true, finishedAtMs: true }).nullable(),
    /** When it was last skipped because its previous run was still in progress; null when it never was. */
    lastSkippedAtMs: instantMs.nullable(),
  })
  .register(contractSchemas, { id: 'Schedule' })
export type Schedule = z.output<typeof schedule>

export const listSchedules = endpoint({
  summary: 'Lists the schedules that the caller may read, by title',
  method: 'GET',
  path: '/api/v1/jobs/schedules',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({ schedules: z.array(schedule).max(500) }),
})

export const setSchedule = endpoint({
  summary: 'Enables or disables a schedule, or changes its times',
  method: 'PUT',
  path: '/api/v1/jobs/schedules/:schedule',
  permission: 'console:admin',
  input: z.object({
    schedule: id,
    isEnabled: z.boolean().optional(),
    /** Minute, hour, day of the month, month, day of the week. */
    cron: z.string().min(1).max(200).optional(),
    /** `Europe/Berlin`, `UTC` … */
    timeZone: z.string().min(1).max(64).optional(),
  }),
  output: z.object({ schedule }),
})

export const runSchedule = endpoint({
  summary: 'Queues the job of a schedule now, in addition to its times',
  method: 'POST',
  path: '/api/v1/jobs/schedules/:schedule/run',
  permission: 'console:admin',
  input: z.object({ schedule: id }),
  output: z.object({ run }),
})

/** Data of an event `runs`: the current state of changed runs. An event `schedules` only says that one changed. */
export const runsChangedEvent = z.object({ runs: z.array(run) })

export const watchRuns = endpoint({
  summary: 'Streams changes of the runs that the caller may read',
  method: 'GET',
  path: RUN_EVENTS_PATH,
  permission: 'signed-in',
  input: z.object({}),
  output: 'events',
})
