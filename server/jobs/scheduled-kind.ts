import 'server-only'
import type { ErrorCode } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { Schedule } from '@/server/db/jobs/schedules'
import type { NewRun } from '@/server/db/jobs/runs'
import type { RunNeed } from './run-actor'

/** The next run, or why there is none until a user acts. */
export type PreparedRun = NewRun | { pausedBecause: string }

export type PrepareContext = {
  /** The owner of the schedule with their current grants. */
  actor: Actor
  nowMs: number
  signal: AbortSignal
}

/** How one kind of work that users save is repeated. */
export type ScheduledKind = {
  /** Permissions that the owner needs for each run, and other users to start or to take over the work. */
  needs(schedule: Schedule): readonly RunNeed[]
  /** Whether another user may become its owner, who then reads what it says. */
  canBeTakenOver: boolean
  /** The work in a few words, for all readers of its table. */
  describe(schedule: Schedule): string
  /** Whether its runs read on from the last one, so that a user can let them start again. */
  readsOn?(schedule: Schedule): boolean
  /** Failures of a run after which the schedule pauses at once, because each later run would meet the same. */
  pausesAfter?: ReadonlySet<ErrorCode>
  /**
   * Builds the next run. Changes nothing.
   *
   * @throws {AppError} a refusal pauses the schedule with its message; after any other failure the next attempt follows
   *   later
   */
  prepareRun(services: LakeServices, schedule: Schedule, context: PrepareContext): Promise<PreparedRun>
  /** Removes what the kind has stored for a schedule, before the schedule itself is removed. May be called again. */
  removeStored?(services: LakeServices, scheduleId: string): Promise<void>
}

/** The kinds that users can schedule, by the kinds of their schedules. */
export type ScheduledKinds = Readonly<Record<string, ScheduledKind>>
