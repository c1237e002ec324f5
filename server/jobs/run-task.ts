import 'server-only'
import { AppError, isTransientDatabaseError } from '@/lib/errors'
import { formatDuration } from '@/lib/format/duration'
import { UnexpectedChanges } from '@/server/db/database'
import { type Run, type RunError, type RunProgress, readRun } from '@/server/db/jobs/runs'
import {
  abandonRun,
  endRun,
  journalChange,
  LEASE_MS,
  renewLease,
  requeueRun,
  retryLater,
  successChange,
} from '@/server/db/jobs/run-leases'
import type { Services } from '@/server/services'
import { Outage } from './outage'
import { MAX_RETRIES, retryPauseMs } from './retry-pause'
import type { RunContext, RunKind } from './run-kind'
import { RunLog } from './run-log'

/** A run that takes its worker down with it so often is given up. */
const MAX_WORKER_CRASHES = 3

/** Why a run's signal is aborted, when it is not a person's wish. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

type RunTaskOptions = { owner: string; kinds: Readonly<Record<string, RunKind>>; signal: AbortSignal; renewMs: number }

/** One try of one run, in the hands of the worker that claimed it. */
export class RunTask {
  readonly #services: Pick<Services, 'database' | 'log'>
  readonly #run: Run
  readonly #owner: string
  readonly #kind: RunKind | undefined
  readonly #workerSignal: AbortSignal
  readonly #renewMs: number
  readonly #log: RunLog
  readonly #stop = new AbortController()
  readonly #renewalOutage: Outage
  #progress: RunProgress | null = null
  #isRenewing = false

  constructor(
    services: Pick<Services, 'database' | 'log'>,
    run: Run,
    { owner, kinds, signal, renewMs }: RunTaskOptions,
  ) {
    this.#services = services
    this.#renewalOutage = new Outage(services.log, 'renewing the lease of a run')
    this.#run = run
    this.#owner = owner
    this.#kind = Object.hasOwn(kinds, run.kind) ? kinds[run.kind] : undefined
    this.#workerSignal = signal
    this.#renewMs = renewMs
    this.#log = new RunLog(services, run.id)
  }

  async run(isAbandoned: boolean): Promise<void> {
    const { id, kind, attempt } = this.#run
    const stop = () => this.#stop.abort(new Interrupted('the worker stops'))
    this.#workerSignal.addEventListener('abort', stop, { once: true })
    if (this.#workerSignal.aborted) stop()
    const renewal = setInterval(() => void this.#renew(), this.#renewMs)
    try {
      this.#services.log.debug('run begins', { runId: id, kind, attempt, isAbandoned })
      await this.#log.say(
        isAbandoned ? `Its worker is gone: taken over for try ${attempt}.` : `Begun, try ${attempt}.`,
        isAbandoned ? 'warning' : 'info',
      )
      await this.#attempt(isAbandoned)
    } finally {
      clearInterval(renewal)
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
      await this.#end('failed', new AppError('not-supported', `There is no kind of run ${this.#run.kind}.`))
      return
    }
    try {
      if (isAbandoned && (await this.#settle(this.#kind))) return
      if (isAbandoned && this.#run.isCancelRequested) throw new AppError('cancelled', 'The run was cancelled.')
      if (this.#isLastChance()) {
        throw new AppError('internal', `The worker ended ${MAX_WORKER_CRASHES} times in the middle of this run.`)
      }
      const outcome = await this.#kind.work(this.#run, this.#createContext())
      // The lease may be lost in between as well: the change itself says whose it has to be.
      if (await this.#ownsLease()) await this.#services.database.commit([this.#successChange(outcome)])
      await this.#logSuccess('Succeeded')
    } catch (error) {
      await this.#handleFailure(this.#kind, error, isAbandoned)
    }
  }

  /** Whether its worker was lost so often that it is only put right any more. Tries that failed are counted apart. */
  #isLastChance(): boolean {
    return this.#run.attempt - this.#run.retries > MAX_WORKER_CRASHES
  }

  /** Whether the run had succeeded without anybody writing it down. */
  async #settle(kind: RunKind): Promise<boolean> {
    const database = this.#services.database
    const outcome = await kind.settle((await readRun(database, this.#run.id)) ?? this.#run)
    if (outcome === null) return false
    await database.commit([this.#successChange(outcome)])
    await this.#logSuccess('What it did is there: succeeded')
    return true
  }

  /** Not of a run that is another worker's by now: nobody knows yet how that one ends. */
  async #logSuccess(text: string): Promise<void> {
    const run = await readRun(this.#services.database, this.#run.id)
    if (run?.state !== 'succeeded') return
    if (run.isCancelRequested) await this.#log.say(`${text}; the cancel came too late.`, 'warning')
    else await this.#log.say(`${text}.`)
  }

  async #handleFailure(kind: RunKind, error: unknown, isAbandoned: boolean): Promise<void> {
    const { id } = this.#run
    const database = this.#services.database
    if (error instanceof AppError && error.code === 'commit-state-unknown') {
      // Nobody knows yet: the next worker looks at what the journal names. A person has to look in the end.
      if (this.#isLastChance()) return this.#end('failed', error)
      await this.#log.say('Nobody said whether the commit happened: the next try looks first.', 'warning')
      await abandonRun(database, id, this.#owner, isAbandoned ? LEASE_MS : 0)
      return
    }
    // Of a run that is another worker's by now, that one puts right what the journal says.
    if (!(await this.#ownsLease())) return
    if (await this.#trySettle(kind)) return
    const reason = this.#stop.signal.aborted ? this.#stop.signal.reason : error
    if (reason instanceof Interrupted) {
      if (await requeueRun(database, id, this.#owner)) await this.#log.say('The worker stops: put back into the queue.')
    } else if (reason instanceof AppError && reason.code === 'cancelled') await this.#end('cancelled', reason)
    else if (!(await this.#tryRequeue(kind, error))) {
      if (!(error instanceof AppError)) this.#services.log.error(error, { runId: id })
      await this.#end('failed', error)
    }
  }

  async #tryRequeue({ retryOn = [] }: RunKind, error: unknown): Promise<boolean> {
    const { id, retries } = this.#run
    if (!(error instanceof AppError) || !retryOn.includes(error.code) || retries >= MAX_RETRIES) return false
    const pauseMs = retryPauseMs(retries, Math.random())
    const isQueued = await retryLater(this.#services.database, id, this.#owner, { pauseMs, error: toRunError(error) })
    // A person wants it to end: there is no next try, and what they wanted is done.
    if (!isQueued) await this.#end('cancelled', new AppError('cancelled', 'The run was cancelled.'))
    else {
      const retryText = `Tried again in ${formatDuration(pauseMs)}, for time ${retries + 1} of ${MAX_RETRIES}.`
      await this.#log.say(`${error.message} ${retryText}`, 'warning')
    }
    return true
  }

  async #end(state: 'failed' | 'cancelled', error: unknown): Promise<void> {
    const runError = toRunError(error)
    if (!(await endRun(this.#services.database, this.#run.id, this.#owner, state, runError))) return
    await this.#log.say(
      state === 'failed' ? `Failed: ${runError.detail}` : 'Cancelled.',
      state === 'failed' ? 'error' : 'warning',
    )
  }

  /** As {@link #settled}, which the next worker tries again when it fails; a run that nobody can settle has to end, too. */
  async #trySettle(kind: RunKind): Promise<boolean> {
    try {
      return await this.#settle(kind)
    } catch (error) {
      const isTransient =
        isTransientDatabaseError(error) || (error instanceof AppError && error.code === 'catalog-unavailable')
      if (!this.#isLastChance() || isTransient) throw error
      this.#services.log.error(error, {
        runId: this.#run.id,
        doing: 'putting right what the run left, for the last time',
      })
      return false
    }
  }

  async #ownsLease(): Promise<boolean> {
    const run = await readRun(this.#services.database, this.#run.id)
    return run?.state === 'running' && run.leaseOwner === this.#owner
  }

  /** One at a time: where the database is slow, renewals must not pile up. */
  async #renew(): Promise<void> {
    if (this.#isRenewing) return
    this.#isRenewing = true
    try {
      const renewed = await renewLease(this.#services.database, this.#run.id, this.#owner, this.#progress)
      const { isOurs, isCancelRequested } = renewed
      if (isCancelRequested) this.#stop.abort(new AppError('cancelled', 'The run was cancelled.'))
      else if (!isOurs) this.#stop.abort(new Interrupted('the lease was lost'))
      await this.#log.flush()
      this.#renewalOutage.recordSuccess()
    } catch (error) {
      // The lease outlives several renewals; when it does not, the run is somebody else's and its end says so.
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
      successChange: (outcome) => this.#successChange(outcome),
    }
  }

  #successChange(outcome: Parameters<RunContext['successChange']>[0]) {
    const progress = this.#progress ?? { phase: 'done', bytesRead: 0, bytesTotal: 0, rowsRead: 0, filesWritten: 0 }
    return successChange(this.#run.id, this.#owner, outcome, { ...progress, phase: 'done' })
  }
}

function toRunError(error: unknown): RunError {
  if (error instanceof AppError) return { code: error.code, detail: error.message, facts: error.facts }
  if (error instanceof UnexpectedChanges) {
    return { code: 'commit-conflict', detail: 'The run was taken over by another worker.', facts: {} }
  }
  return { code: 'internal', detail: 'Something went wrong here; the log has it.', facts: {} }
}
