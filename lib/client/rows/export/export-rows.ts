import { AppError } from '@/lib/errors'
import type { ExportJob, ExportReply, ExportRequest } from './export-messages'
import type { ExportSink } from './export-sink'

export type ExportProgress = { rowCount: number; sizeBytes: number }

type ExportWorker = Pick<Worker, 'addEventListener' | 'postMessage' | 'terminate'>

/**
 * Writes rows to a sink, in a worker of their own. The sink is closed when it has all rows, and otherwise discarded.
 *
 * @throws {AppError} cancelled; as the reader, the encoder and the sink do
 */
export async function exportRows(
  job: ExportJob,
  sink: ExportSink,
  {
    signal,
    onProgress,
    startWorker = startExportWorker,
  }: { signal: AbortSignal; onProgress: (progress: ExportProgress) => void; startWorker?: () => ExportWorker },
): Promise<ExportProgress> {
  const worker = startWorker()
  const progress = { rowCount: 0, sizeBytes: 0 }
  try {
    worker.postMessage({ kind: 'start', job } satisfies ExportRequest)
    for (;;) {
      const piece = await pullPiece(worker, signal)
      if (piece === null) break
      await sink.write(piece.bytes)
      progress.rowCount += piece.rowCount
      progress.sizeBytes += piece.bytes.length
      onProgress({ ...progress })
    }
    if (signal.aborted) throw cancelledError()
    await sink.close()
    return progress
  } catch (error) {
    // The first failure is reported.
    await sink.discard().catch(() => undefined)
    throw error
  } finally {
    worker.terminate()
  }
}

function startExportWorker(): Worker {
  return new Worker(new URL('./export.worker.ts', import.meta.url), { type: 'module' })
}

type Piece = Extract<ExportReply, { kind: 'piece' }>['piece']

function pullPiece(worker: ExportWorker, signal: AbortSignal): Promise<Piece> {
  const { promise, resolve, reject } = Promise.withResolvers<Piece>()
  const once = new AbortController()
  const options = { signal: once.signal }
  if (signal.aborted) reject(cancelledError())
  signal.addEventListener('abort', () => reject(cancelledError()), options)
  worker.addEventListener(
    'message',
    ({ data }) => {
      const reply = data as ExportReply
      if (reply.kind === 'piece') return resolve(reply.piece)
      const { code, message, facts, requestId } = reply.error
      reject(new AppError(code, message, { facts: { ...facts }, ...(requestId !== null && { requestId }) }))
    },
    options,
  )
  worker.addEventListener(
    'error',
    (event) => {
      event.preventDefault()
      reject(new AppError('internal', `The worker that exports rows failed: ${event.message}`))
    },
    options,
  )
  worker.postMessage({ kind: 'pull' } satisfies ExportRequest)
  return promise.finally(() => once.abort())
}

function cancelledError(): AppError {
  return new AppError('cancelled', 'The export was cancelled.')
}
