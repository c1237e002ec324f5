import 'server-only'
import { type ChildProcess, fork } from 'node:child_process'
import { Socket } from 'node:net'
import { AppError } from '@/lib/errors'
import { clock } from '@/server/timing/clock'
import type {
  ChildMessage,
  ChildRequest,
  InputPreview,
  StageProgress,
  StageRequest,
  StageResult,
} from '../stage-request'

export type StageOptions = {
  /** For whom it works: what a process has read, others do not share. */
  userId: string
  signal: AbortSignal
  onProgress: (progress: StageProgress) => void
}

const MAX_STDERR_CHARS = 4_000
/** A process that has grown beyond this is not used again. */
const MAX_IDLE_BYTES = 384 * 1024 * 1024

type Answer = Extract<ChildMessage, { kind: 'done' | 'previewed' }>
type Stage = Pick<StageOptions, 'signal' | 'onProgress'> &
  Pick<PromiseWithResolvers<Answer>, 'resolve' | 'reject'> & { failure: Error | null }

/** A process in which DuckDB stages inputs, one after the other. It ends with its parent, and with a failure. */
export class StagingProcess {
  readonly #child: ChildProcess
  readonly #onParentExit = () => this.kill()
  #stderr = ''
  #stage: Stage | null = null
  #ready = Promise.withResolvers<boolean>()
  #hasAnswered = false
  #hasEnded = false

  /** @param entry of the process: `duckdb-child`, bundled */
  constructor(entry: string) {
    this.#child = fork(entry, [], {
      serialization: 'advanced',
      // Buffers of pages make V8 collect all the time, and its heap is small: all at once takes a fifth less of the
      // processor than in steps (benches/transcoding), and no client waits for this process. By itself it would let
      // its young generations grow to tens of MB, which makes nothing faster.
      execArgv: [
        '--conditions=react-server',
        '--enable-source-maps',
        '--no-incremental-marking',
        '--max-semi-space-size=2',
      ],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // The child gets none of the worker's settings and secrets. Of each arena, glibc keeps what DuckDB's and Node's
      // threads have freed: with one for each thread that is a hundred MB of a large load.
      env: { TZ: 'UTC', NODE_ENV: 'production', MALLOC_ARENA_MAX: '2' },
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-MAX_STDERR_CHARS)
    })
    this.#child.on('message', (message: ChildMessage) => this.#receive(message))
    this.#child.on('error', (error) => {
      // The end of the process, if it is still to come, says more.
      if (this.#child.pid === undefined || this.#hasEnded) this.#stage?.reject(error)
    })
    this.#child.on('close', (code, killedBy) => this.#end(code, killedBy))
    // It ends when it hears that its parent has gone, which it does not while it computes.
    process.once('exit', this.#onParentExit)
  }

  /**
   * Waits until it has tidied up after an input that it has staged, which takes some tens of milliseconds. It is killed
   * when the signal is aborted, or the time is over.
   *
   * @returns whether it can take another input
   */
  async untilReady({ signal, withinMs }: { signal: AbortSignal; withinMs: number }): Promise<boolean> {
    const kill = () => this.kill()
    const timer = clock.after(withinMs, kill)
    signal.addEventListener('abort', kill, { once: true })
    this.#setReferenced(true)
    try {
      return await this.#ready.promise
    } finally {
      timer.cancel()
      signal.removeEventListener('abort', kill)
      this.#setReferenced(false)
    }
  }

  /** Whether it has sent anything about the input that it was given last. */
  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  /** It has nothing to clean up: what it leaves is in the staging folder. */
  kill(): void {
    this.#ready.resolve(false)
    this.#child.kill('SIGKILL')
  }

  /**
   * Stages an input. The process is killed when the signal is aborted or staging fails. After a success it says that it
   * is ready for another input, and does not keep its parent alive until it gets one.
   *
   * @throws {AppError} what staging throws; `too-large` when the process was killed from outside, as the operating system
   *   does when memory is short
   */
  async stage(request: StageRequest, options: StageOptions): Promise<StageResult> {
    const answer = await this.#request(request, options)
    if (answer.kind !== 'done') throw new Error('the DuckDB process answered another request')
    return answer.result
  }

  /** The same for a preview. */
  async preview(request: Extract<ChildRequest, { preview: unknown }>, signal: AbortSignal): Promise<InputPreview> {
    const answer = await this.#request(request, { signal, onProgress: () => {} })
    if (answer.kind !== 'previewed') throw new Error('the DuckDB process answered another request')
    return answer.preview
  }

  async #request(request: ChildRequest, options: Pick<StageOptions, 'signal' | 'onProgress'>): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const kill = () => this.kill()
    this.#stage = { signal: options.signal, onProgress: options.onProgress, resolve, reject, failure: null }
    this.#ready = Promise.withResolvers()
    this.#hasAnswered = false
    this.#setReferenced(true)
    options.signal.addEventListener('abort', kill, { once: true })
    this.#child.send(request)
    try {
      return await promise
    } finally {
      options.signal.removeEventListener('abort', kill)
      this.#stage = null
      this.#setReferenced(false)
    }
  }

  #receive(message: ChildMessage): void {
    this.#hasAnswered = true
    switch (message.kind) {
      case 'progress':
        this.#stage?.onProgress(message.progress)
        break
      case 'done':
      case 'previewed':
        this.#stage?.resolve(message)
        break
      case 'failed':
        if (this.#stage) this.#stage.failure = toError(message)
        // A process that exits by itself may wait forever: Node joins a thread that compiles, and that waits for the
        // main thread to collect garbage (nodejs/node#54918).
        this.kill()
        break
      case 'ready':
        if (message.residentBytes <= MAX_IDLE_BYTES) this.#ready.resolve(true)
        else this.kill()
    }
  }

  #end(code: number | null, killedBy: NodeJS.Signals | null): void {
    this.#hasEnded = true
    this.#ready.resolve(false)
    process.off('exit', this.#onParentExit)
    if (this.#stage === null) return
    const { signal, failure, reject } = this.#stage
    reject(signal.aborted ? signal.reason : (failure ?? this.#toEndedError(code, killedBy)))
  }

  /** Whether the process keeps its parent alive. */
  #setReferenced(isReferenced: boolean): void {
    const { channel, stderr } = this.#child
    for (const handle of [this.#child, channel, stderr instanceof Socket ? stderr : null]) {
      if (isReferenced) handle?.ref()
      else handle?.unref()
    }
  }

  #toEndedError(code: number | null, killedBy: NodeJS.Signals | null): AppError {
    const cause = new Error(`the DuckDB process ended with ${killedBy ?? code}\n${this.#stderr}`)
    if (killedBy === 'SIGKILL') {
      return new AppError(
        'too-large',
        'The process that read the input was killed, probably because the machine ran out of memory.',
        { cause, facts: { limit: 'memory' } },
      )
    }
    return new AppError('file-damaged', 'The process that read the input crashed.', { cause })
  }
}

function toError({ code, detail, facts, stack }: Extract<ChildMessage, { kind: 'failed' }>): Error {
  if (code !== null) return new AppError(code, detail, { facts: { ...facts } })
  const error = new Error(detail)
  error.stack = stack
  return error
}
