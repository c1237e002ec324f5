import 'server-only'
import { AppError } from '@/lib/errors'
import { stageInput } from '../stage/stage-input'
import type { ChildMessage, StageRequest } from '../stage-request'

/**
 * Entry point of the process in which DuckDB reads untrusted inputs (bundled as `build/duckdb-child.mjs`). It stages
 * one input and reports the result. Its parent then kills it. It ends at once if its parent dies.
 */

function send(message: ChildMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error) => (error ? reject(error) : resolve()))
  })
}

async function stage(request: StageRequest): Promise<void> {
  try {
    const result = await stageInput(request, (progress) => void send({ kind: 'progress', progress }))
    await send({ kind: 'done', result })
  } catch (error) {
    const known = error instanceof AppError ? error : null
    await send({
      kind: 'failed',
      code: known?.code ?? null,
      detail: error instanceof Error ? error.message : String(error),
      facts: known?.facts ?? {},
      stack: (error instanceof Error && error.stack) || '',
    })
  }
}

// See `run-child.ts` for why it does not exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (request: StageRequest) => void stage(request))
