import 'server-only'
import { AppError } from '@/lib/errors'
import { SessionsAhead } from '@/server/data-files/duckdb/sessions-ahead'
import { ChunkLane } from '@/server/parquet/transcode/thread/chunk-lane'
import { startChunkThread } from '@/server/parquet/transcode/thread/start-chunk-thread'
import { previewInput } from '../stage/preview-input'
import { stageInput } from '../stage/stage-input'
import type { OnProgress } from '../stage/staging'
import type { ChildMessage, ChildRequest } from '../stage-request'

/**
 * Entry point of the process in which DuckDB reads untrusted inputs (bundled as `build/duckdb-child.mjs`). It stages
 * or previews one input after the other and reports their results. Its parent kills it after a failure, and when no input follows.
 * It ends at once if its parent dies.
 */

const lane = new ChunkLane(startChunkThread)
const sessions = new SessionsAhead()
const openSession = sessions.open

function send(message: ChildMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, (error) => (error ? reject(error) : resolve()))
  })
}

async function handle(request: ChildRequest): Promise<void> {
  try {
    if ('preview' in request) {
      await send({ kind: 'previewed', preview: await previewInput(request.preview, { ...request, openSession }) })
    } else {
      const onProgress: OnProgress = (progress) => void send({ kind: 'progress', progress })
      const result = await stageInput(request, onProgress, {
        lane: request.limits.threads > 1 ? lane : null,
        openSession,
      })
      await send({ kind: 'done', result })
    }
    // The parent has its answer, and goes on with it.
    await sessions.prepare()
    await send({ kind: 'ready', residentBytes: process.memoryUsage.rss() })
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

// See `staging-process.ts` for why it does not exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (request: ChildRequest) => void handle(request))
