import 'server-only'
import { AppError, isTransientDatabaseError } from '@/lib/errors'
import { formatDuration } from '@/lib/format/duration'
import { type Change, UnexpectedChanges } from '@/server/db/database'
import type { RunProgress } from '@/lib/contract/run-kinds'
import { type Run, type RunError, readRun } from '@/server/db/jobs/runs'
import {
  abandonRun,
  type ClaimedRun,
  endRun,
  forgetError,
  journalChange,
  LEASE_MS,
  renewLease,
  requeueRun,
  retryLater,
  settleLater,
  successChange,
} from '@/server/db/jobs/run-leases'
import type { LakeServices } from '@/server/catalog/lake-services'
import { clock } from '@/server/timing/clock'
import { Outage } from './outage'
import { MAX_RETRIES, type retryPauseMs } from './retry-pause'
import type { RunContext, RunKind } from './run-kind'
import { RunLog } from './run-log'

/** A run that has lost this many workers fails. */
const MAX_WORKER_CRASHES = 3

/** The reason of an aborted signal, unless a user cancelled the run. */
class RunInterrupted extends Error {
  override readonly name = 'Interrupted'
}

type RunTaskOptions = {
  owner: string
  kinds: Readonly<Record<string, RunKind>>
  signal: AbortSignal
  renewMs: number
  pauseMsBeforeRetry: typeof retryPauseMs
}

/** One attempt of one run, executed by the worker that claimed it. */
export class RunTask {
  readonly #services: Pick<LakeServices, 'database' | 'log'>
  readonly #run: Run
  readonly #claimed: ClaimedRun
  readonly #owner: string
  readonly #kind: RunKind | undefined
  readonly #workerSignal: AbortSignal
  readonly #renewMs: number
  readonly #pauseMsBeforeRetry: typeof retryPauseMs
  readonly #log: RunLog
  readonly #stop = new AbortController()
  readonly #renewalOutage: Outage
  #progress: RunProgress | null = null
  #isRenewing = false

  constructor(
    services: Pick<LakeServices, 'database' | 'log'>,
    claimed: ClaimedRun,
    { owner, kinds, signal, renewMs, pauseMsBeforeRetry }: RunTaskOptions,
  ) {
    const { run } = claimed
    this.#services = services
    this.#renewalOutage = new Outage(services.log, 'renewing the lease of a run')
    this.#claimed = claimed
    this.#run = run
    this.#owner = owner
    this.#kind = Object.hasOwn(kinds, run.kind) ? kinds[run.kind] : undefined
    this.#workerSignal = signal
    this.#renewMs = renewMs
    this.#pauseMsBeforeRetry = pauseMsBeforeRetry
    this.#log = new RunLog(services, run.id)
  }

  async run(): Promise<void> {
    const { id, kind, attempt } = this.#run
    const { isAbandoned } = this.#claimed
    const stop = () => this.#stop.abort(new RunInterrupted('the worker stops'))
    this.#workerSignal.addEventListener('abort', stop, { once: true })
    if (this.#workerSignal.aborted) stop()
    const renewal = clock.every(this.#renewMs, () => void this.#renew())
    try {
      this.#services.log.debug('run begins', { runId: id, kind, attempt, isAbandoned })
      await this.#log.appendWorkerLine(takeoverLine(this.#claimed), isAbandoned ? 'warning' : 'info')
      await this.#attempt(isAbandoned)
    } finally {
      renewal.cancel()
      this.#workerSignal.removeEventListener('abort', stop)
      await this.#log.flush()
      this.#services.log.debug('run ends', {
        runId: id,
        kind,
        state: (await readRun(this.#services.database, id))?.state ?? null,
      })
    }
  }

  async #attempt(isAbandoned: boolean): Promise<void> {
    if (!this.#kind) {
      await this.#end(
        'failed',
        new AppError('not-supported', `This worker does not know runs of kind ${this.#run.kind}.`),
      )
      return
    }
    try {
      if (isAbandoned && (await this.#settle(this.#kind))) return
      if (this.#run.error !== null) await forgetError(this.#services.database, this.#run.id, this.#owner)
      if (isAbandoned && this.#run.isCancelRequested) throw new AppError('cancelled', 'The run was cancelled.')
      if (this.#isLastChance()) {
        throw new AppError('internal', `${MAX_WORKER_CRASHES} workers died while executing this run.`)
      }
      const outcome = await this.#kind.work(this.#run, this.#createContext())
      // The lease may be lost even between these two steps: the change itself checks its owner.
      if (await this.#ownsLease()) await this.#services.database.commit(this.#successChanges(outcome))
      await this.#logSuccess('Succeeded')
    } catch (error) {
      await this.#handleFailure(this.#kind, error, isAbandoned)
    }
  }

  /**
   * Whether the run has lost so many workers that it is only cleaned up, not retried. Failed attempts are counted
   * separately.
   */
  #isLastChance(): boolean {
    return this.#run.attempt - this.#run.retries > MAX_WORKER_CRASHES
  }

  /** Whether the run had already succeeded although its end was not recorded. */
  async #settle(kind: RunKind): Promise<boolean> {
    const database = this.#services.database
    const outcome = await kind.settle((await readRun(database, this.#run.id)) ?? this.#run)
    if (outcome === null) return false
    await database.commit(this.#successChanges(outcome))
    await this.#logSuccess('Its result was already committed: succeeded')
    return true
  }

  /** Logs nothing for a run that another worker has taken over: its outcome is still open. */
  async #logSuccess(text: string): Promise<void> {
    const run = await readRun(this.#services.database, this.#run.id)
    if (run?.state !== 'succeeded') return
    if (run.isCancelRequested) await this.#log.appendWorkerLine(`${text}; the cancel came too late.`, 'warning')
    else await this.#log.appendWorkerLine(`${text}.`)
  }

  async #handleFailure(kind: RunKind, error: unknown, isAbandoned: boolean): Promise<void> {
    const { id } = this.#run
    const database = this.#services.database
    if (error instanceof AppError && error.code === 'commit-state-unknown') {
      // The outcome is unknown so far: the next worker checks the journal's entries. After the last attempt a person
      // has to check.
      if (this.#isLastChance()) return this.#end('failed', error)
      await this.#log.appendWorkerLine(
        'It is unknown whether the commit happened. The next attempt checks first.',
        'warning',
      )
      await abandonRun(database, id, this.#owner, { pauseMs: isAbandoned ? LEASE_MS : 0, error: toRunError(error) })
      return
    }
    // If another worker has the run now, that worker cleans up the objects in the journal.
    if (!(await this.#ownsLease())) return
    let isSettled: boolean
    try {
      isSettled = await this.#trySettle(kind)
    } catch (settleError) {
      if (!isOutage(settleError)) throw settleError
      return this.#settleLater(settleError)
    }
    if (isSettled) return
    const reason = this.#stop.signal.aborted ? this.#stop.signal.reason : error
    if (reason instanceof RunInterrupted) {
      if (await requeueRun(database, id, this.#owner, { keepsJournal: kind.keepsJournal === true }))
        await this.#log.appendWorkerLine('The worker is stopping. The run is back in the queue.')
    } else if (isCancel(reason)) await this.#end('cancelled', isCancel(error) ? error : reason)
    else if (!(await this.#tryRequeue(kind, error))) {
      if (!(error instanceof AppError)) this.#services.log.error(error, { runId: id })
      await this.#end('failed', error)
    }
  }

  async #settleLater(outage: AppError): Promise<void> {
    if (await settleLater(this.#services.database, this.#run.id, this.#owner, toRunError(outage)))
      await this.#log.appendWorkerLine(
        `${outage.message} The run is cleaned up when it answers again, which is checked every ${formatDuration(LEASE_MS)}.`,
        'warning',
      )
  }

  async #tryRequeue({ retryOn = [], keepsJournal = false }: RunKind, error: unknown): Promise<boolean> {
    const { id, retries } = this.#run
    const codes = typeof retryOn === 'function' ? retryOn(this.#run) : retryOn
    if (!(error instanceof AppError) || !codes.includes(error.code) || retries >= MAX_RETRIES) return false
    const pauseMs = this.#pauseMsBeforeRetry(retries, Math.random())
    const isQueued = await retryLater(this.#services.database, id, this.#owner, {
      pauseMs,
      error: toRunError(error),
      keepsJournal,
    })
    // The run is being cancelled, so it has no next attempt.
    if (!isQueued) await this.#end('cancelled', new AppError('cancelled', 'The run was cancelled.'))
    else {
      const retryText = `Retry ${retries + 1} of ${MAX_RETRIES} in ${formatDuration(pauseMs)}.`
      await this.#log.appendWorkerLine(`${error.message} ${retryText}`, 'warning')
    }
    return true
  }

  async #end(state: 'failed' | 'cancelled', error: unknown): Promise<void> {
    const runError = toRunError(error)
    await this.#discard()
    if (!(await endRun(this.#services.database, this.#run.id, this.#owner, state, runError))) return
    await this.#log.appendWorkerLine(
      state === 'failed' ? `Failed: ${runError.detail}` : 'Cancelled.',
      state === 'failed' ? 'error' : 'warning',
    )
  }

  /** While a service does not answer, the next worker retries; otherwise the run has to end anyway. */
  async #discard(): Promise<void> {
    if (!this.#kind?.discard || !(await this.#ownsLease())) return
    try {
      await this.#kind.discard((await readRun(this.#services.database, this.#run.id)) ?? this.#run)
    } catch (error) {
      if (!this.#isLastChance() && isOutage(error)) throw error
      this.#services.log.error(error, { runId: this.#run.id, doing: 'removing what the run left, for the last time' })
    }
  }

  /**
   * Like {@link #settle}. If it fails, the next worker retries it; after the last attempt the run has to end anyway.
   */
  async #trySettle(kind: RunKind): Promise<boolean> {
    try {
      return await this.#settle(kind)
    } catch (error) {
      if (!this.#isLastChance() || isOutage(error)) throw error
      this.#services.log.error(error, {
        runId: this.#run.id,
        doing: 'cleaning up after the run, for the last time',
      })
      return false
    }
  }

  async #ownsLease(): Promise<boolean> {
    const run = await readRun(this.#services.database, this.#run.id)
    return run?.state === 'running' && run.leaseOwner === this.#owner
  }

  /** One renewal at a time: renewals must not pile up when the database is slow. */
  async #renew(): Promise<void> {
    if (this.#isRenewing) return
    this.#isRenewing = true
    try {
      const renewed = await renewLease(this.#services.database, this.#run.id, this.#owner, this.#progress)
      const { isOurs, isCancelRequested } = renewed
      if (isCancelRequested) this.#stop.abort(new AppError('cancelled', 'The run was cancelled.'))
      else if (!isOurs) this.#stop.abort(new RunInterrupted('the lease was lost'))
      await this.#log.flush()
      this.#renewalOutage.recordSuccess()
    } catch (error) {
      // The lease outlives several renewals. If it does expire, the run belongs to another worker, and writing its end
      // fails.
      if (error instanceof AppError) this.#renewalOutage.recordFailure(error)
      else this.#services.log.error(error, { doing: 'renewing a lease', runId: this.#run.id })
    } finally {
      this.#isRenewing = false
    }
  }

  #createContext(): RunContext {
    const { id } = this.#run
    return {
      signal: this.#stop.signal,
      report: (progress) => {
        this.#progress = progress
      },
      log: (text, level = 'info') => this.#log.add(text, level),
      saveJournal: async (journal) => {
        await this.#services.database.commit([journalChange(id, this.#owner, journal)])
      },
      journalChange: (journal) => journalChange(id, this.#owner, journal),
      successChanges: (outcome) => this.#successChanges(outcome),
    }
  }

  #successChanges(outcome: Parameters<RunContext['successChanges']>[0]): Change[] {
    return [
      successChange(this.#run.id, this.#owner, outcome, this.#progress),
      ...(this.#kind?.successChanges?.(this.#run, outcome) ?? []),
    ]
  }
}

/** The work may end with an error of its own after a cancel, which says what it has done. */
function isCancel(error: unknown): boolean {
  return error instanceof AppError && error.code === 'cancelled'
}

function isOutage(error: unknown): error is AppError {
  const isUnavailable =
    error instanceof AppError && (error.code === 'catalog-unavailable' || error.code === 'storage-unavailable')
  return isUnavailable || isTransientDatabaseError(error)
}

function takeoverLine({ run: { attempt, isCancelRequested }, isAbandoned, isReleased }: ClaimedRun): string {
  if (!isAbandoned) return `Started (attempt ${attempt}).`
  if (isReleased) return `Checked again (attempt ${attempt}).`
  return isCancelRequested ? 'Taken over to clean up.' : `Its worker is gone. Taken over (attempt ${attempt}).`
}

function toRunError(error: unknown): RunError {
  if (error instanceof AppError) return { code: error.code, detail: error.message, facts: error.facts }
  if (error instanceof UnexpectedChanges) {
    return { code: 'commit-conflict', detail: 'The run was taken over by another worker.', facts: {} }
  }
  return { code: 'internal', detail: 'An internal error occurred. The server log has the details.', facts: {} }
}
