import 'server-only'
import { fork } from 'node:child_process'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import type { ChildMessage, StageProgress, StageRequest, StageResult } from './stage-request'

/** Stages an input in a process of its own, which is killed when the signal is aborted. */
export type RunStage = (
  request: StageRequest,
  options: { signal: AbortSignal; onProgress: (progress: StageProgress) => void },
) => Promise<StageResult>

const LONGEST_COMPLAINT = 4_000

/**
 * @param entry of the child: `duckdb-child`, bundled
 * @throws {AppError} what staging throws; `too-large` when the process was ended from outside, as the operating system
 *   does when memory is short
 */
export function stageInChild(entry: string): RunStage {
  return (request, options) => inChild(entry, request, options)
}

/** Found from the project's root at run time, as the build put it there. */
export const runStageInChild = stageInChild(path.join(process.cwd(), 'build', 'duckdb-child.mjs'))

function inChild(
  entry: string,
  request: StageRequest,
  { signal, onProgress }: Parameters<RunStage>[1],
): Promise<StageResult> {
  signal.throwIfAborted()
  const child = fork(entry, [], {
    serialization: 'advanced',
    execArgv: ['--conditions=react-server', '--enable-source-maps'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Nothing of the worker's settings and secrets.
    env: { TZ: 'UTC', NODE_ENV: 'production' },
  })
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-LONGEST_COMPLAINT)
  })
  return new Promise((resolve, reject) => {
    let answer: Exclude<ChildMessage, { kind: 'progress' }> | null = null
    const kill = () => child.kill('SIGKILL')
    signal.addEventListener('abort', kill, { once: true })
    child.on('error', reject)
    child.on('message', (message: ChildMessage) => {
      if (message.kind === 'progress') onProgress(message.progress)
      else answer = message
    })
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', kill)
      if (signal.aborted) reject(signal.reason)
      else if (answer?.kind === 'done') resolve(answer.result)
      else if (answer?.kind === 'failed') reject(failureOf(answer))
      else reject(endedEarly(code, killedBy, complaint))
    })
    child.send(request)
  })
}

function failureOf({ code, detail, facts, stack }: Extract<ChildMessage, { kind: 'failed' }>): Error {
  if (code !== null) return new AppError(code, detail, { facts: { ...facts } })
  const error = new Error(detail)
  error.stack = stack
  return error
}

function endedEarly(code: number | null, killedBy: NodeJS.Signals | null, complaint: string): AppError {
  const cause = new Error(`the DuckDB process ended with ${killedBy ?? code}\n${complaint}`)
  if (killedBy === 'SIGKILL') {
    return new AppError('too-large', 'The process that read the input was killed, most likely for want of memory.', {
      cause,
    })
  }
  return new AppError('file-damaged', 'The process that read the input broke down on it.', { cause })
}
