import 'server-only'
import type { LogLevel } from '@/lib/contract/jobs'
import type { ErrorCode } from '@/lib/errors'
import type { Change } from '@/server/db/database'
import type { Run, RunProgress } from '@/server/db/jobs/runs'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** One kind of work that runs do, and how what it leaves behind is put right. */
export type RunKind = {
  /** Runs of this kind at the same time, over all workers; no limit of its own when left out. */
  maxConcurrent?: number
  /** Failures that may be gone in a while: the run is tried again, with growing pauses. */
  retryOn?: readonly ErrorCode[]
  /**
   * Does the work. What has to be undone after a crash it writes to the journal first. Where it fails it takes its
   * own things away itself, unless the outcome is not known: the run may be another worker's by then.
   *
   * @returns the outcome, which `context.succeeded` may have written already with what was done
   */
  work(run: Run, context: RunContext): Promise<JsonObject>
  /**
   * Puts a run right that did not come to its end: what its journal names stays where the run's effect is there,
   * and taken away where it is not. May be called again.
   *
   * @returns the outcome of a run that did succeed, though nobody wrote it down; null of any other
   */
  settle(run: Run): Promise<JsonObject | null>
  /** When a worker starts: removes what dead ones left of runs that have ended. */
  tidy(): Promise<void>
}

export type RunContext = {
  /** Aborted with the reason when the run shall end: cancelled, the worker stops, the lease was lost. */
  signal: AbortSignal
  /** Written with the next renewal of the lease. */
  report(progress: RunProgress): void
  /** A line for the people who wait for the run, `info` by default; written with the next renewal. Never a secret. */
  log(text: string, level?: LogLevel): void
  /** Durable before it resolves. */
  saveJournal(journal: JsonObject): Promise<void>
  /** The same as a change, for the transaction of what the journal names. */
  journalChange(journal: JsonObject): Change
  /** The run's good end as a change, for the transaction of its effect. */
  successChange(outcome: JsonObject): Change
}
