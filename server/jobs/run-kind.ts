import 'server-only'
import type { LogLevel } from '@/lib/contract/jobs'
import type { ErrorCode } from '@/lib/errors'
import type { Change } from '@/server/db/database'
import type { ProgressOf, RunKindName } from '@/lib/contract/run-kinds'
import type { Run } from '@/server/db/jobs/runs'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** How workers carry out one kind of run, and clean up after it. `lib/contract/run-kinds.ts` describes the kind. */
export type RunKind<Name extends RunKindName = RunKindName> = {
  /** How many runs of this kind and of one lane may run at the same time, over all workers; no limit when absent. */
  maxConcurrent?: number
  /** Transient failures: the run is retried after growing pauses. They may depend on the task of the run. */
  retryOn?: readonly ErrorCode[] | ((run: Run) => readonly ErrorCode[])
  /** Whether the journal records progress rather than work to undo: it then outlives a pause. */
  keepsJournal?: boolean
  /**
   * Does the work. Before each step that a crash would leave to undo, it writes that step to the journal. When it fails
   * it cleans up by itself, unless the outcome is unknown: another worker may already have the run.
   *
   * @returns the outcome, which `context.successChanges` may already have written together with the effect
   */
  work(run: Run, context: RunContext<Name>): Promise<JsonObject>
  /**
   * Cleans up a run that did not finish: it keeps the objects in the journal if the run's effect was committed, and
   * removes them otherwise. May be called again.
   *
   * @returns the outcome of a run that succeeded without a record of that; null for any other
   */
  settle(run: Run): Promise<JsonObject | null>
  /** Further changes in the transaction that records the success of a run. */
  successChanges?(run: Run, outcome: JsonObject): readonly Change[]
  /**
   * Removes the objects in the journal of a run that ends without success, right before that is recorded. For runs that
   * keep their files over pauses and crashes. May be called again.
   */
  discard?(run: Run): Promise<void>
  /** Runs when a worker starts: removes leftovers of dead workers from runs that have ended. */
  tidy(): Promise<void>
}

/** Each kind that is described, and no other. */
export type RunKinds = { readonly [Name in RunKindName]: RunKind<Name> }

export type RunContext<Name extends RunKindName = RunKindName> = {
  /** Aborted with the reason when the run has to end: it was cancelled, the worker stops, or the lease was lost. */
  signal: AbortSignal
  /** Written with the next renewal of the lease. */
  report(progress: ProgressOf<Name>): void
  /**
   * Adds a log line for the users who follow the run, `info` by default; written with the next renewal. Never a secret.
   */
  log(text: string, level?: LogLevel): void
  /** Resolves when the journal is durable. */
  saveJournal(journal: JsonObject): Promise<void>
  /** The same as a change, for the transaction that creates the objects in the journal. */
  journalChange(journal: JsonObject): Change
  /** The run's success, for the transaction of its effect. */
  successChanges(outcome: JsonObject): Change[]
}
