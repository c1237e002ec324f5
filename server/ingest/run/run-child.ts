import 'server-only'
import { fork } from 'node:child_process'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import type { ChildMessage, StageProgress, StageRequest, StageResult } from '../stage-request'

/** Stages an input in a separate process, which is killed when the signal is aborted. */
export type RunStage = (
  request: StageRequest,
  options: { signal: AbortSignal; onProgress: (progress: StageProgress) => void },
) => Promise<StageResult>

const MAX_STDERR_CHARS = 4_000

/**
 * @param entry of the child: `duckdb-child`, bundled
 * @throws {AppError} what staging throws; `too-large` when the process was killed from outside, as the operating system
 *   does when memory is short
 */
export function createRunStage(entry: string): RunStage {
  return (request, options) => runInChild(entry, request, options)
}

/** Resolved from the project's root at run time, where the build stores it. */
export const runStageInChild = createRunStage(path.join(process.cwd(), 'build', 'duckdb-child.mjs'))

function runInChild(
  entry: string,
  request: StageRequest,
  { signal, onProgress }: Parameters<RunStage>[1],
): Promise<StageResult> {
  signal.throwIfAborted()
  const child = fork(entry, [], {
    serialization: 'advanced',
    // Buffers of pages make V8 collect all the time, and its heap is small: all at once takes a fifth less of the
    // processor than in steps (benches/transcoding), and no client waits for this process.
    execArgv: ['--conditions=react-server', '--enable-source-maps', '--no-incremental-marking'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // The child gets none of the worker's settings and secrets.
    env: { TZ: 'UTC', NODE_ENV: 'production' },
  })
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-MAX_STDERR_CHARS)
  })
  return new Promise((resolve, reject) => {
    let finalMessage: Exclude<ChildMessage, { kind: 'progress' }> | null = null
    const kill = () => child.kill('SIGKILL')
    signal.addEventListener('abort', kill, { once: true })
    child.on('error', reject)
    child.on('message', (message: ChildMessage) => {
      if (message.kind === 'progress') return onProgress(message.progress)
      finalMessage = message
      // It has nothing left to do. A process that exits by itself may wait forever: Node joins a thread that compiles,
      // and that waits for the main thread to collect garbage (nodejs/node#54918).
      kill()
    })
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', kill)
      if (signal.aborted) reject(signal.reason)
      else if (finalMessage?.kind === 'done') resolve(finalMessage.result)
      else if (finalMessage?.kind === 'failed') reject(toError(finalMessage))
      else reject(childEndedError(code, killedBy, stderr))
    })
    child.send(request)
  })
}

function toError({ code, detail, facts, stack }: Extract<ChildMessage, { kind: 'failed' }>): Error {
  if (code !== null) return new AppError(code, detail, { facts: { ...facts } })
  const error = new Error(detail)
  error.stack = stack
  return error
}

function childEndedError(code: number | null, killedBy: NodeJS.Signals | null, stderr: string): AppError {
  const cause = new Error(`the DuckDB process ended with ${killedBy ?? code}\n${stderr}`)
  if (killedBy === 'SIGKILL') {
    return new AppError(
      'too-large',
      'The process that read the input was killed, probably because the machine ran out of memory.',
      {
        cause,
      },
    )
  }
  return new AppError('file-damaged', 'The process that read the input crashed.', { cause })
}
