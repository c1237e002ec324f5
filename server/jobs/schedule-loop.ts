import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { AppError, isTransientDatabaseError } from '@/lib/errors'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { Database } from '@/server/db/database'
import { listRuns, queueRunChange, readRun, type Run } from '@/server/db/jobs/runs'
import { logChanges } from '@/server/db/jobs/run-logs'
import { advanceSchedule, listFailedSchedules, listSchedules, type Schedule } from '@/server/db/jobs/schedules'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'
import { clock } from '@/server/timing/clock'
import { Outage } from './outage'
import { nextTime } from './cron-times'
import { pauseSchedule, prepareRun, readWatchedHeads } from './prepare-run'
import type { ScheduledKinds } from './scheduled-kind'

const POLL_INTERVAL_MS = 1_000

/** If the next time is later than the clock could explain by being set back this far, the schedule is recomputed. */
const MAX_CLOCK_SETBACK_MS = 60 * 60_000

/** How often the tables of a schedule are read, so that their changes start at most one run a minute. */
export const WATCH_INTERVAL_MS = 60_000
/** How many tables one poll reads. Schedules that it does not reach come first in the next one. */
const MAX_HEADS_PER_POLL = 20
/** Pauses after failures to prepare a run or to read the tables of a schedule, such as a catalog that is out of reach. */
const BACKOFF = { firstMs: WATCH_INTERVAL_MS, maxMs: MAX_CLOCK_SETBACK_MS }

/** A schedule of a user is paused after this many failures in a row. */
export const MAX_FAILURES_IN_A_ROW = 5

/** Whether every schedule would meet this failure, not only one. */
function isSharedFailure(error: unknown): boolean {
  if (isTransientDatabaseError(error)) return true
  return error instanceof AppError && (error.code === 'storage-full' || error.code === 'commit-state-unknown')
}

/** Queues due runs until the signal is aborted. Any number of workers may do so at once. */
export async function runScheduleLoop(
  services: LakeServices,
  {
    kinds,
    signal,
    pollIntervalMs = POLL_INTERVAL_MS,
  }: {
    kinds: ScheduledKinds
    signal: AbortSignal
    pollIntervalMs?: number
  },
): Promise<void> {
  const outage = new Outage(services.log, 'checking the schedules')
  const queue = new ScheduleQueue(services, kinds, signal)
  while (!signal.aborted) {
    try {
      await queue.queueDue(services.database.nowMs())
      outage.recordSuccess()
      await clock.pause(pollIntervalMs, signal)
    } catch (error) {
      await clock.pause(outage.recordFailure(error), signal)
    }
  }
}

/** Queues the schedules that are due. */
export class ScheduleQueue {
  readonly #services: LakeServices
  readonly #database: Database
  readonly #kinds: ScheduledKinds
  readonly #signal: AbortSignal
  /** How often in a row each schedule could not be prepared by this worker. */
  readonly #failures = new Map<string, number>()

  constructor(services: LakeServices, kinds: ScheduledKinds, signal: AbortSignal) {
    this.#services = services
    this.#database = services.database
    this.#kinds = kinds
    this.#signal = signal
  }

  /** A schedule that missed several times is queued once. */
  async queueDue(nowMs: number): Promise<void> {
    for (const schedule of await listFailedSchedules(this.#database)) await this.#pauseAfterFailures(schedule)
    let headCount = 0
    for (const schedule of (await listSchedules(this.#database)).toSorted(byNextTime)) {
      if (!schedule.isEnabled || schedule.nextAtMs === null) continue
      const isDue = schedule.nextAtMs <= nowMs
      if (isDue && schedule.startsBy === 'tables') {
        if (headCount > 0 && headCount + schedule.watchedTables.length > MAX_HEADS_PER_POLL) continue
        headCount += schedule.watchedTables.length
      }
      try {
        if (isDue) await this.#queue(schedule, nowMs)
        else await this.#rescheduleAfterClockSetback(schedule, nowMs)
      } catch (error) {
        if (isSharedFailure(error)) throw error
        // A schedule that cannot be read does not hold up the others.
        this.#services.log.error(error, { doing: 'queueing the run of a schedule', scheduleId: schedule.id })
        if (isDue) await this.#postpone(schedule, nowMs)
      }
    }
  }

  async #queue(schedule: Schedule, nowMs: number): Promise<void> {
    const lastRun = schedule.lastRunId === null ? null : await readRun(this.#database, schedule.lastRunId)
    const isRunning = lastRun !== null && lastRun.finishedAtMs === null
    if (schedule.startsBy === 'tables') return this.#queueIfChanged(schedule, nowMs, isRunning)
    const nextAtMs = nextTime(schedule, nowMs)
    if (isRunning) return this.#skip(schedule, lastRun, { nowMs, nextAtMs })
    await this.#prepareAndQueue(schedule, { nowMs, nextAtMs, text: `Queued by its schedule, ${schedule.cron}.` })
  }

  async #skip(
    schedule: Schedule,
    lastRun: Run,
    { nowMs, nextAtMs }: { nowMs: number; nextAtMs: number | null },
  ): Promise<void> {
    const text = 'The schedule was due again, but skipped because this run is still running.'
    const line = { atMs: nowMs, level: 'warning', text } as const
    const alongside = logChanges(lastRun.id, [line], { isFromWorker: true })
    await advanceSchedule(this.#database, schedule, { nextAtMs, skippedAtMs: nowMs }, alongside)
  }

  /** The heads are read before the run is queued, so the run sees these or later ones. */
  async #queueIfChanged(schedule: Schedule, nowMs: number, isRunning: boolean): Promise<void> {
    const nextAtMs = nowMs + WATCH_INTERVAL_MS
    if (isRunning) {
      await advanceSchedule(this.#database, schedule, { nextAtMs })
      return
    }
    const heads = await readWatchedHeads(this.#services, schedule, this.#signal)
    if ('pausedBecause' in heads) return this.#pause(schedule, heads.pausedBecause)
    const { seenHeads } = schedule
    if (seenHeads !== null && heads.some((head, i) => head !== seenHeads[i])) {
      const text = 'Queued because a table that the schedule watches has a new snapshot.'
      return this.#prepareAndQueue(schedule, { nowMs, nextAtMs, text, seenHeads: heads })
    }
    this.#failures.delete(schedule.id)
    await advanceSchedule(this.#database, schedule, { nextAtMs, ...(seenHeads === null && { seenHeads: heads }) })
  }

  async #prepareAndQueue(
    schedule: Schedule,
    {
      nowMs,
      nextAtMs,
      text,
      seenHeads,
    }: { nowMs: number; nextAtMs: number | null; text: string; seenHeads?: readonly (string | null)[] },
  ): Promise<void> {
    const prepared = await prepareRun(this.#services, schedule, { kinds: this.#kinds, nowMs, signal: this.#signal })
    if ('pausedBecause' in prepared) return this.#pause(schedule, prepared.pausedBecause)
    const { id, change } = queueRunChange(this.#database, { ...prepared, scheduleId: schedule.id })
    const line = { atMs: nowMs, level: 'info', text } as const
    const alongside = [change, ...logChanges(id, [line], { isFromWorker: true })]
    const next = { nextAtMs, lastRunId: id, ...(seenHeads && { seenHeads }) }
    await advanceSchedule(this.#database, schedule, next, alongside)
    this.#failures.delete(schedule.id)
  }

  async #pause(schedule: Schedule, pausedBecause: string): Promise<void> {
    this.#failures.delete(schedule.id)
    await pauseSchedule(this.#services, schedule, pausedBecause)
  }

  /** Failures before the last change by a user do not count: the user has looked at them. */
  async #pauseAfterFailures(schedule: Schedule): Promise<void> {
    const runs = await listRuns(this.#database, {
      scheduleId: schedule.id,
      states: ENDED_STATES,
      limit: MAX_FAILURES_IN_A_ROW,
    })
    const failed = runs.filter(
      ({ state, createdAtMs }) => state === 'failed' && createdAtMs >= (schedule.changedAtMs ?? 0),
    )
    const [last] = failed
    const kind = Object.hasOwn(this.#kinds, schedule.kind) ? this.#kinds[schedule.kind] : undefined
    if (last?.error && last.id === schedule.lastRunId && kind?.pausesAfter?.has(last.error.code))
      return this.#pause(schedule, last.error.detail)
    if (failed.length < MAX_FAILURES_IN_A_ROW) return
    const reason = failed[0]?.error?.detail ?? ''
    await this.#pause(schedule, `${MAX_FAILURES_IN_A_ROW} runs in a row failed, the last one with: ${reason}`)
  }

  /** A failure that may end by itself is not met again at once. A schedule that cannot be read at all stays as it is. */
  async #postpone(schedule: Schedule, nowMs: number): Promise<void> {
    if (schedule.ownerId === null) return
    const failures = this.#failures.get(schedule.id) ?? 0
    this.#failures.set(schedule.id, failures + 1)
    await advanceSchedule(this.#database, schedule, { nextAtMs: nowMs + Math.round(backoffMs(BACKOFF, failures)) })
  }

  /**
   * Recomputes a next time that was computed while the clock was far ahead; the schedule would otherwise wait until then.
   * After a small clock correction the schedule is left alone, so that a time that has already passed does not come back.
   */
  async #rescheduleAfterClockSetback(schedule: Schedule, nowMs: number): Promise<void> {
    if (schedule.nextAtMs === null) return
    if (schedule.startsBy === 'tables') {
      if (schedule.nextAtMs > nowMs + BACKOFF.maxMs)
        await advanceSchedule(this.#database, schedule, { nextAtMs: nowMs })
      return
    }
    const latestNextAtMs = nextTime(schedule, nowMs + MAX_CLOCK_SETBACK_MS)
    if (latestNextAtMs === null || schedule.nextAtMs <= latestNextAtMs) return
    await advanceSchedule(this.#database, schedule, { nextAtMs: nextTime(schedule, nowMs) })
  }
}

function byNextTime(a: Schedule, b: Schedule): number {
  return (a.nextAtMs ?? 0) - (b.nextAtMs ?? 0)
}
