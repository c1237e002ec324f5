import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { UnexpectedChanges } from '@/server/db/database'
import {
  abandonRun,
  claimRun,
  endRun,
  forgetWorker,
  journalStatement,
  LEASE_MS,
  type Run,
  type RunError,
  type RunProgress,
  readRun,
  renewLease,
  requeueRun,
  seeWorker,
  succeededStatement,
} from '@/server/db/jobs'
import { openDatabase } from '@/server/db/open-database'
import { logDebug, logError } from '@/server/log'
import type { RunContext, RunKind } from './run-kind'

const POLL_MS = 250
const RENEW_MS = 1_000
const MOST_ATTEMPTS = 3

export type WorkerOptions = {
  kinds: Readonly<Record<string, RunKind>>
  /** Runs at the same time. */
  concurrency: number
  /** Ends the worker: what runs is taken back and put into the queue again. */
  signal: AbortSignal
  /** How often the queue is looked at, and how often a lease is renewed, in milliseconds. */
  pollMs?: number
  renewMs?: number
}

/** Why a run's signal is aborted, when it is not a person's wish. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/**
 * Takes runs from the queue and does them, until the signal; resolves when nothing of its own runs any more.
 */
export async function workLoop({
  kinds,
  concurrency,
  signal,
  pollMs = POLL_MS,
  renewMs = RENEW_MS,
}: WorkerOptions): Promise<void> {
  const owner = randomUUID()
  const running = new Set<Promise<void>>()
  let seenAtMs = 0
  for (const kind of Object.values(kinds)) await kind.tidy()
  /** Null also while another program keeps the database locked. */
  const nextRun = async () => {
    try {
      if (Date.now() - seenAtMs > LEASE_MS / 3) {
        await seeWorker(owner)
        seenAtMs = Date.now()
      }
      return running.size < concurrency ? await claimRun(owner) : null
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'catalog-unavailable')) throw error
      logError(error, { doing: 'looking for work' })
      return null
    }
  }
  while (!signal.aborted) {
    const claimed = await nextRun()
    if (claimed) {
      const task = new Task(claimed.run, owner, kinds, signal, renewMs)
      const done = task.run(claimed.isAbandoned).catch((error: unknown) => logError(error, { runId: claimed.run.id }))
      running.add(done)
      void done.finally(() => running.delete(done))
    } else await Promise.race([pause(pollMs, signal), ...running])
  }
  await Promise.all(running)
  await forgetWorker(owner)
}

/** One try of one run. */
class Task {
  readonly #run: Run
  readonly #owner: string
  readonly #kind: RunKind | undefined
  readonly #workerSignal: AbortSignal
  readonly #renewMs: number
  readonly #stop = new AbortController()
  #progress: RunProgress | null = null

  constructor(run: Run, owner: string, kinds: Readonly<Record<string, RunKind>>, signal: AbortSignal, renewMs: number) {
    this.#run = run
    this.#owner = owner
    this.#kind = Object.hasOwn(kinds, run.kind) ? kinds[run.kind] : undefined
    this.#workerSignal = signal
    this.#renewMs = renewMs
  }

  async run(isAbandoned: boolean): Promise<void> {
    const { id, kind, attempt } = this.#run
    const stop = () => this.#stop.abort(new Interrupted('the worker stops'))
    this.#workerSignal.addEventListener('abort', stop, { once: true })
    if (this.#workerSignal.aborted) stop()
    const renewal = setInterval(() => void this.#renew(), this.#renewMs)
    try {
      logDebug('run begins', { runId: id, kind, attempt, isAbandoned })
      await this.#try(isAbandoned)
    } finally {
      clearInterval(renewal)
      this.#workerSignal.removeEventListener('abort', stop)
      logDebug('run ends', { runId: id, kind, state: readRun(id)?.state ?? null })
    }
  }

  async #try(isAbandoned: boolean): Promise<void> {
    const { id, attempt } = this.#run
    if (!this.#kind) {
      await endRun(
        id,
        this.#owner,
        'failed',
        errorOf(new AppError('not-supported', `There is no kind of run ${this.#run.kind}.`)),
      )
      return
    }
    try {
      if (isAbandoned && (await this.#settled(this.#kind))) return
      if (isAbandoned && this.#run.isCancelRequested) throw new AppError('cancelled', 'The run was cancelled.')
      if (attempt > MOST_ATTEMPTS) {
        throw new AppError('internal', `The worker ended ${MOST_ATTEMPTS} times in the middle of this run.`)
      }
      const outcome = await this.#kind.work(this.#run, this.#context())
      if (this.#isOurs()) await openDatabase().transact([this.#succeeded(outcome)])
    } catch (error) {
      await this.#failed(this.#kind, error)
    }
  }

  /** Whether the run had succeeded without anybody writing it down. */
  async #settled(kind: RunKind): Promise<boolean> {
    const outcome = await kind.settle(readRun(this.#run.id) ?? this.#run)
    if (outcome === null) return false
    await openDatabase().transact([this.#succeeded(outcome)])
    return true
  }

  async #failed(kind: RunKind, error: unknown): Promise<void> {
    const { id } = this.#run
    const reason = this.#stop.signal.aborted ? this.#stop.signal.reason : error
    if (error instanceof AppError && error.code === 'commit-state-unknown') {
      // Nobody knows yet: the next worker looks at what the journal names.
      await abandonRun(id, this.#owner)
      return
    }
    // Of a run that is another worker's by now, that one puts right what the journal says.
    if (!this.#isOurs()) return
    if (await this.#isSettledNow(kind)) return
    if (reason instanceof Interrupted) await requeueRun(id, this.#owner, { isCounted: false })
    else if (reason instanceof AppError && reason.code === 'cancelled') {
      await endRun(id, this.#owner, 'cancelled', errorOf(reason))
    } else {
      if (!(error instanceof AppError)) logError(error, { runId: id })
      await endRun(id, this.#owner, 'failed', errorOf(error))
    }
  }

  /** As {@link #settled}, which the next worker tries again when it fails; a run that nobody can settle has to end, too. */
  async #isSettledNow(kind: RunKind): Promise<boolean> {
    const { id, attempt } = this.#run
    try {
      return await this.#settled(kind)
    } catch (error) {
      if (attempt <= MOST_ATTEMPTS || (error instanceof AppError && error.code === 'catalog-unavailable')) throw error
      logError(error, { runId: id, doing: 'putting right what the run left, for the last time' })
      return false
    }
  }

  #isOurs(): boolean {
    const run = readRun(this.#run.id)
    return run?.state === 'running' && run.leaseOwner === this.#owner
  }

  async #renew(): Promise<void> {
    try {
      const { isOurs, isCancelRequested } = await renewLease(this.#run.id, this.#owner, this.#progress)
      if (isCancelRequested) this.#stop.abort(new AppError('cancelled', 'The run was cancelled.'))
      else if (!isOurs) this.#stop.abort(new Interrupted('the lease was lost'))
    } catch (error) {
      // The lease outlives several renewals; when it does not, the run is somebody else's and its end says so.
      logError(error, { doing: 'renewing a lease', runId: this.#run.id })
    }
  }

  #context(): RunContext {
    const { id } = this.#run
    return {
      signal: this.#stop.signal,
      report: (progress) => {
        this.#progress = progress
      },
      saveJournal: async (journal) => {
        await openDatabase().transact([journalStatement(id, this.#owner, journal)])
      },
      journalStatement: (journal) => journalStatement(id, this.#owner, journal),
      succeeded: (outcome) => this.#succeeded(outcome),
    }
  }

  #succeeded(outcome: Parameters<RunContext['succeeded']>[0]) {
    const progress = this.#progress ?? { phase: 'done', bytesRead: 0, bytesTotal: 0, rowsRead: 0, filesWritten: 0 }
    return succeededStatement(this.#run.id, this.#owner, outcome, { ...progress, phase: 'done' })
  }
}

function errorOf(error: unknown): RunError {
  if (error instanceof AppError) return { code: error.code, detail: error.message, facts: error.facts }
  if (error instanceof UnexpectedChanges) {
    return { code: 'commit-conflict', detail: 'The run was taken over by another worker.', facts: {} }
  }
  return { code: 'internal', detail: 'Something went wrong here; the log has it.', facts: {} }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}
