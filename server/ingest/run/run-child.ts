import 'server-only'
import path from 'node:path'
import { clock, type Timer } from '@/server/timing/clock'
import type { InputPreview, PreviewRequest, StageRequest, StageResult } from '../stage-request'
import { type StageOptions, StagingProcess } from './staging-process'

/** Stages an input in a separate process, which is killed when the signal is aborted. */
export type RunStage = (request: StageRequest, options: StageOptions) => Promise<StageResult>

/** Previews an input in a separate process, which is killed when the signal is aborted. */
export type RunPreview = (
  request: PreviewRequest,
  options: { maxRows: number } & Pick<StageOptions, 'userId' | 'signal'>,
) => Promise<InputPreview>

/** How long a process waits for another input. A new one takes half a second, mostly to compile the same code again. */
const IDLE_MS = 60_000
/** How long an input waits for it: about as long as it takes to start another one. */
const READY_MS = 500

/**
 * Stages inputs in processes that wait a minute for another one of the same user, and are ended by the first that fails.
 *
 * @param entry of the processes: `duckdb-child`, bundled
 * @throws {AppError} as {@link StagingProcess.stage}
 */
export function createRunStage(entry: string, options: WaitOptions = {}): RunStage {
  const run = createRunner(entry, options)
  return (request, stageOptions) => run((process) => process.stage(request, stageOptions), stageOptions)
}

/** The same for previews. */
export function createRunPreview(entry: string, options: WaitOptions = {}): RunPreview {
  const run = createRunner(entry, options)
  return (preview, { maxRows, ...options }) =>
    run((process) => process.preview({ preview, maxRows }, options.signal), options)
}

type WaitOptions = { idleMs?: number; readyMs?: number }

type Claim = Pick<StageOptions, 'userId' | 'signal'>

type Work<Result> = (process: StagingProcess) => Promise<Result>

function createRunner(entry: string, { idleMs = IDLE_MS, readyMs = READY_MS }: WaitOptions) {
  let idle: { process: StagingProcess; userId: string; timer: Timer } | null = null

  function takeIdle(userId: string): StagingProcess | null {
    const taken = idle
    idle = null
    taken?.timer.cancel()
    if (taken?.userId === userId) return taken.process
    taken?.process.kill()
    return null
  }

  async function takeReady({ userId, signal }: Claim): Promise<StagingProcess | null> {
    const taken = takeIdle(userId)
    const isReady = (await taken?.untilReady({ signal, withinMs: readyMs })) ?? false
    signal.throwIfAborted()
    return isReady ? taken : null
  }

  async function runIn<Result>(process: StagingProcess, work: Work<Result>, userId: string): Promise<Result> {
    const result = await work(process)
    takeIdle(userId)?.kill()
    idle = { process, userId, timer: clock.after(idleMs, () => process.kill()).unref() }
    return result
  }

  async function run<Result>(work: Work<Result>, { userId, signal }: Claim): Promise<Result> {
    const waiting = await takeReady({ userId, signal })
    try {
      return await runIn(waiting ?? new StagingProcess(entry), work, userId)
    } catch (error) {
      // It may have been killed while it waited: that says nothing about this input.
      if (waiting === null || waiting.hasAnswered || signal.aborted) throw error
      return runIn(new StagingProcess(entry), work, userId)
    }
  }

  return <Result>(work: Work<Result>, claim: Claim): Promise<Result> => {
    claim.signal.throwIfAborted()
    return run(work, claim)
  }
}

/** The entry is resolved from the project's root at run time, where the build stores it. */
const ENTRY = ['build', 'duckdb-child.mjs']

export function createRunStageInChild(): RunStage {
  return createRunStage(path.join(process.cwd(), ...ENTRY))
}

export function createRunPreviewInChild(): RunPreview {
  return createRunPreview(path.join(process.cwd(), ...ENTRY))
}
