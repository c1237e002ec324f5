import * as z from 'zod'
import { MAX_FIELD_NAME_CHARS } from '@/lib/iceberg/text-limits'
import { endpoint } from './endpoint'
import { RUN_LANES } from './loads/load-lanes'
import { loadWait } from './loads/load-wait'
import { tableIdentifierOnWire, tableBadge } from './shapes/lake'
import { MAX_SCHEDULE_NAME_CHARS, MAX_SCHEDULES, MAX_WATCHED_TABLES, RUN_EVENTS_PATH } from './shapes/plain-values'
import { MAX_RUN_COUNTERS, MAX_RUN_WARNINGS, RUN_UNITS } from './run-kinds'
import { boundedRecord } from './shapes/limits'
import { problem } from './shapes/problem'
import { contractSchemas } from './shapes/schemas'
import { count, entryName, idempotencyKey, idText, instantMs, intInQuery, namespaceOnWire } from './shapes/wire'

/** The state of a run: it waits, is in progress, or has ended in one of three ways. */
export const RUN_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
export type RunState = (typeof RUN_STATES)[number]

export const LOG_LEVELS = ['info', 'warning', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const runId = idText
const scheduleId = idText

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

/** Values of a page of rejects. */
const MAX_LISTED_REJECTS = 500
/** Columns and reasons by which rejects are counted, the most frequent ones. */
export const MAX_REJECTING_COLUMNS = 500
export const MAX_REJECT_REASONS = 50
const MAX_REASON_CHARS = 400

/** One execution of long work, as it is shown to people. */
export const run = z
  .object({
    id: runId,
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
    /** How many uploads a queued load waits for: it starts when all of their bytes are here. 0: it waits for none. */
    awaitedUploads: count,
    isCancelRequested: z.boolean(),
    progress: progress.nullable(),
    /** The result, by name, as the kind of run has it: `rowsCommitted`, `snapshotId` … */
    outcome: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
    /**
     * Counts of the problems in the result of a run that succeeded, as its kind names them: `rowsRejected`,
     * `checksNotPassed` … Empty without problems, and for all other runs.
     */
    warnings: boundedRecord(z.string().max(64), count, MAX_RUN_WARNINGS),
    /**
     * Why it ended without success, why it is retried, or, while it runs, why it does not know whether its commit was
     * made: it looks for the commit until it does.
     */
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
    /** The runs of one schedule. */
    schedule: scheduleId.optional(),
    before: runId.optional(),
    limit: intInQuery.optional(),
  }),
  output: z.object({
    runs: z.array(run).max(200),
    /** Badges of their tables, as the search index has them. */
    badges: z.array(tableBadge).max(200),
    nextBefore: runId.nullable(),
    /** Kinds that have runs or schedules. */
    kinds: z.array(z.string()),
    /** Whether a worker is alive to start waiting runs. */
    isWorkerAlive: z.boolean(),
  }),
})

/** Runs before a load that waits, which are named. */
export const MAX_RUNS_AHEAD = 5

/** The runs before a load that waits, of its lane: those that are executed, and then older ones that wait, too. */
const runQueue = z.object({
  /** Loads of a few bytes have a lane of their own, and wait for no larger ones. */
  lane: z.enum(RUN_LANES),
  /** How many there are; workers execute one of each lane at a time. */
  aheadCount: count,
  /** The first ones that the caller may read. */
  runs: z.array(run.pick({ id: true, kind: true, state: true, table: true, actor: true })).max(MAX_RUNS_AHEAD),
})
export type RunQueue = z.output<typeof runQueue>

const undoLink = run.pick({ id: true, title: true, state: true, outcome: true })
export type UndoLink = z.output<typeof undoLink>

export const getRun = endpoint({
  summary: 'Returns a run and the lines of its log after line `after`',
  description: 'All lines that exist are returned, up to 500.',
  method: 'GET',
  path: '/api/v1/jobs/runs/:run',
  permission: 'signed-in',
  input: z.object({ run: runId, after: intInQuery.optional() }),
  output: z.object({
    run,
    lines: z.array(logLine).max(500),
    /** Whether the log may still grow: until the run has ended, and for some seconds more. */
    isLogOpen: z.boolean(),
    /**
     * The runs that a load waits for. Null for any other run, and for one that waits for its time, for a retry or for
     * uploads.
     */
    queue: runQueue.nullable(),
    /** The uploads that a load waits for; null for any other run. */
    wait: loadWait.nullable(),
    /**
     * The newest run that had changed the tables that this one restores. Null for a run that is not an undo of a change of
     * many tables, and if that run was removed.
     */
    undoes: undoLink.nullable(),
    /** The newest run that undoes, or undid, what this one changed. */
    undoneBy: undoLink.nullable(),
    /** The badge of its table, as the search index has it. */
    badges: z.array(tableBadge).max(1),
  }),
})

/** One value that does not fit its column, or one row that cannot be read. */
export const loadReject = z
  .object({
    /** The name of its file; null in lists of loads that had one file. */
    file: z.string().nullable(),
    /** In the file, from 1: the line of a text file, the row of a Parquet file. */
    line: count,
    /** The number of the record in its JSON array, from 1, if the first records of the array share a line. */
    record: count.exactOptional(),
    /** Null: the whole row. */
    column: z.string().nullable(),
    value: z.string().nullable(),
    reason: z.string(),
    /** The row as the file has it, cut after 2,000 characters; null where it is not known. */
    text: z.string().nullable(),
    /**
     * Where the value stands in the row, which goes on after a text that is cut: from the UTF-16 code unit `start` to the
     * one before `end`. Of CSV, the field without its quotes. Null for whole rows, where no single part of the row is known
     * to be the value, and in lists of earlier versions.
     */
    part: z.object({ start: count, end: count }).nullable(),
  })
  .register(contractSchemas, { id: 'LoadReject' })
export type LoadReject = z.output<typeof loadReject>

export const listRejects = endpoint({
  summary: 'Lists the rows that a load rejected, in the order of its files',
  description:
    'Only for users who may write the table, because a row has all fields of its file. At most 10,000 values are listed; the run counts all rejected rows. While it runs, those of the files that it has read are listed.',
  method: 'GET',
  path: '/api/v1/jobs/runs/:run/rejects',
  permission: 'signed-in',
  input: z.object({
    run: runId,
    offset: intInQuery.optional(),
    /** Lists only the values of this column. */
    column: z.string().max(MAX_FIELD_NAME_CHARS).optional(),
    /** Lists only whole rows, which have no column. */
    wholeRows: z.literal('true').optional(),
    /** Lists only those with this reason, as `countsByReason` names it. */
    reason: z.string().max(MAX_REASON_CHARS).optional(),
  }),
  output: z.object({
    rejects: z.array(loadReject).max(MAX_LISTED_REJECTS),
    /** How many values the list has altogether. */
    totalCount: count,
    /** How many rows these values are of. The run counts all rejected rows. */
    listedRowCount: count,
    /** How many of the chosen reason are of each column, most first, and of any column; null for whole rows. */
    countsByColumn: z.array(z.object({ column: z.string().nullable(), count })).max(MAX_REJECTING_COLUMNS),
    anyColumnCount: count,
    /**
     * How many of the chosen column have each reason, most first, and any reason. Values, lines and positions within a
     * reason are left out, so that many rejects share it.
     */
    countsByReason: z.array(z.object({ reason: z.string(), count })).max(MAX_REJECT_REASONS),
    anyReasonCount: count,
    nextOffset: count.nullable(),
  }),
})

const changeInput = z.object({ run: runId })

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

/** A run of a schedule is queued at its times, by a change of a table that it watches, or by a user alone. */
export const SCHEDULE_STARTS = ['times', 'tables', 'hand'] as const
export type ScheduleStart = (typeof SCHEDULE_STARTS)[number]

const MAX_CRON_CHARS = 200
const MAX_TIME_ZONE_CHARS = 64
/** How many upcoming times a schedule shows. */
export const SHOWN_NEXT_TIMES = 3

export const scheduleName = z.string().trim().min(1).max(MAX_SCHEDULE_NAME_CHARS)

/** When saved work is repeated; without a field it stays as it is, and new work starts by hand. */
export const scheduleStartFields = {
  startsBy: z.enum(SCHEDULE_STARTS).optional(),
  /** Minute, hour, day of the month, month, day of the week. */
  cron: z.string().min(1).max(MAX_CRON_CHARS).optional(),
  /** `Europe/Berlin`, `UTC` … */
  timeZone: z.string().min(1).max(MAX_TIME_ZONE_CHARS).optional(),
  /** A run follows when the newest snapshot of `main` of one of them is another one than the last run saw. */
  watchedTables: z
    .array(z.object({ catalog: entryName, namespace: namespaceOnWire, table: entryName }))
    .max(MAX_WATCHED_TABLES)
    .optional(),
}

/** Work that is queued again and again. */
export const schedule = z
  .object({
    id: scheduleId,
    kind: z.string(),
    /** The name that its owner gave it. */
    title: z.string(),
    /** The work in a few words; null for work of the console itself. */
    detail: z.string().nullable(),
    /** Whether its runs read only what was appended since the last one: see `restartSavedResult`. */
    readsOn: z.boolean(),
    table: tableIdentifierOnWire.nullable(),
    /** The user that its runs act for, with the grants that the user has then; null: the console itself. */
    owner: z.string().nullable(),
    isOwn: z.boolean(),
    startsBy: z.enum(SCHEDULE_STARTS),
    /** Both are empty if it never started by times. */
    cron: z.string(),
    timeZone: z.string(),
    /** Those that the caller may read. */
    watchedTables: z.array(tableIdentifierOnWire).max(MAX_WATCHED_TABLES),
    isEnabled: z.boolean(),
    /** Why Lakeshore disabled it; null if it did not. */
    pausedBecause: z.string().nullable(),
    /** The next three times, soonest first; empty when the schedule is disabled, or does not start by times. */
    nextRunsAtMs: z.array(instantMs).max(SHOWN_NEXT_TIMES),
    lastRun: run
      .pick({ id: true, state: true, outcome: true, warnings: true, createdAtMs: true, finishedAtMs: true })
      .nullable(),
    /** When it was last skipped because its previous run was still in progress; null when it never was. */
    lastSkippedAtMs: instantMs.nullable(),
    /** Grows with each change. */
    version: count,
    createdAtMs: instantMs.nullable(),
    changedAtMs: instantMs.nullable(),
    /** Whether the caller may change or remove it, run it now, and become its owner. */
    canChange: z.boolean(),
    canRun: z.boolean(),
    canTakeOver: z.boolean(),
  })
  .register(contractSchemas, { id: 'Schedule' })
export type Schedule = z.output<typeof schedule>

export const listSchedules = endpoint({
  summary: 'Lists the schedules that the caller may read, by title',
  method: 'GET',
  path: '/api/v1/jobs/schedules',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({ schedules: z.array(schedule).max(MAX_SCHEDULES) }),
})

export const setSchedule = endpoint({
  summary: 'Enables or disables a schedule, or changes its name, its times or the tables that it watches',
  description:
    'Only for its owner and for admins. A paused schedule goes on when it is enabled, which fails with the reason while that still holds.',
  method: 'PUT',
  path: '/api/v1/jobs/schedules/:schedule',
  permission: 'signed-in',
  input: z.object({
    schedule: scheduleId,
    /** The one that the caller has seen: the change fails if it has another one. */
    version: count.optional(),
    name: scheduleName.optional(),
    isEnabled: z.boolean().optional(),
    ...scheduleStartFields,
  }),
  output: z.object({ schedule }),
})

export const listNextTimes = endpoint({
  summary: 'Returns the next times of a cron expression',
  description:
    'At most three, soonest first; none if it never matches a date. Fails with `invalid-request` for a text that is not an expression.',
  method: 'GET',
  path: '/api/v1/jobs/next-times',
  permission: 'signed-in',
  input: z.object({
    cron: z.string().min(1).max(MAX_CRON_CHARS),
    timeZone: z.string().min(1).max(MAX_TIME_ZONE_CHARS),
  }),
  output: z.object({ nextAtMs: z.array(instantMs).max(SHOWN_NEXT_TIMES) }),
})

export const takeOverSchedule = endpoint({
  summary: 'Makes the caller the owner of a schedule',
  description:
    'Needs the permission for its work. Later runs act for the caller. A schedule that was paused goes on, unless its reason still holds.',
  method: 'POST',
  path: '/api/v1/jobs/schedules/:schedule/take-over',
  permission: 'signed-in',
  input: z.object({ schedule: scheduleId, version: count }),
  output: z.object({ schedule }),
})

export const removeSchedule = endpoint({
  summary: 'Removes a schedule of a user, with what it knows of earlier runs',
  description: 'Only for its owner and for admins. Its runs, and what they wrote, stay. A run in progress goes on.',
  method: 'DELETE',
  path: '/api/v1/jobs/schedules/:schedule',
  permission: 'signed-in',
  input: z.object({ schedule: scheduleId }),
  output: z.object({}),
})

export const runSchedule = endpoint({
  summary: 'Queues the job of a schedule now, in addition to its times',
  description:
    'Needs the permission for its work. The run acts for the owner of the schedule. While its last run is in progress, returns that run.',
  method: 'POST',
  path: '/api/v1/jobs/schedules/:schedule/run',
  permission: 'signed-in',
  input: z.object({ schedule: scheduleId, idempotencyKey: idempotencyKey.optional() }),
  output: z.object({ run }),
})

/**
 * Data of an event `runs`: the current state of changed runs, and the build of the console that sends it, because pages
 * cannot read the headers of a stream. An event `schedules` only says that one changed.
 */
export const runsChangedEvent = z.object({ build: z.string().nullable(), runs: z.array(run) })

export const watchRuns = endpoint({
  summary: 'Streams changes of the runs that the caller may read',
  method: 'GET',
  path: RUN_EVENTS_PATH,
  permission: 'signed-in',
  input: z.object({}),
  output: 'events',
})
