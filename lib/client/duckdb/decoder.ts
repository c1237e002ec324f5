import { AppError } from '@/lib/errors'
import { deserializeError } from '../rows/serialized-error'
import type { DecodeReply, DecodeRequest } from '@/lib/query/load/decode-messages'
import type { Decoder } from '@/lib/query/load/decoder'
import type { WorkerReply } from './worker-reply'

/** The part of a worker that is used here. */
type DecodeWorker = Pick<Worker, 'addEventListener' | 'postMessage' | 'terminate'>

/** A request without its id; distributes over the union. */
type WithoutId<R = DecodeRequest> = R extends DecodeRequest ? Omit<R, 'id'> : never
type PendingRequest = { file: string; resolve: (reply: DecodeReply) => void; reject: (error: AppError) => void }

/**
 * Starts the decoding worker when it is first needed, and again after it has ended: because a load was cancelled, whose
 * decode cannot be interrupted otherwise, or because a file crashed it.
 */
export function createDecoder(startWorker: () => DecodeWorker = startDecodeWorker): Decoder {
  let worker: DecodeWorker | null = null
  let lastId = 0
  const pending = new Map<number, PendingRequest>()

  /** The request whose decode has started: its file is to blame when the worker ends. */
  let decodingId: number | null = null
  /** A worker that never replied has not started with any file. */
  let hasReplied = false

  const fileToBlame = (): string | null => {
    const files = [...new Set([...pending.values()].map(({ file }) => file))]
    const only = hasReplied && files.length === 1 ? files[0] : undefined
    return (decodingId === null ? only : pending.get(decodingId)?.file) ?? null
  }

  const terminate = (reason: AppError) => {
    worker?.terminate()
    worker = null
    decodingId = null
    hasReplied = false
    for (const [id, { reject }] of pending) {
      pending.delete(id)
      reject(reason)
    }
  }

  const getWorker = (): DecodeWorker => {
    if (worker) return worker
    worker = startWorker()
    worker.addEventListener('message', ({ data: reply }: MessageEvent<WorkerReply>) => {
      hasReplied = true
      const request = pending.get(reply.id)
      if (reply.kind === 'decoding') {
        decodingId = reply.id
        return
      }
      if (decodingId === reply.id) decodingId = null
      pending.delete(reply.id)
      if (reply.kind === 'failed') request?.reject(deserializeError(reply.error))
      else request?.resolve(reply)
    })
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      const file = fileToBlame()
      terminate(
        file === null ? new AppError('internal', `The decoder failed: ${event.message}`) : damagedFileError(file),
      )
    })
    return worker
  }

  const send = (request: WithoutId, signal: AbortSignal): Promise<DecodeReply> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(cancelledError())
      const id = ++lastId
      const onAbort = () => terminate(cancelledError())
      signal.addEventListener('abort', onAbort, { once: true })
      const withCleanup =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener('abort', onAbort)
          settle(value)
        }
      pending.set(id, { file: request.file.name, resolve: withCleanup(resolve), reject: withCleanup(reject) })
      getWorker().postMessage({ ...request, id } satisfies DecodeRequest)
    })

  return {
    start: () => void getWorker(),
    async readFooter(file, signal) {
      const reply = await send({ kind: 'footer', file }, signal)
      if (reply.kind !== 'footer')
        throw new AppError('internal', `The decoder returned ${reply.kind} instead of a footer.`)
      return reply.footer
    },
    async countRows(file, signal) {
      const reply = await send({ kind: 'counts', file }, signal)
      if (reply.kind !== 'counts')
        throw new AppError('internal', `The decoder returned ${reply.kind} instead of counts.`)
      return reply
    },
    async decodeColumns(file, selection, signal) {
      const reply = await send({ kind: 'columns', file, ...selection }, signal)
      if (reply.kind !== 'columns')
        throw new AppError('internal', `The decoder returned ${reply.kind} instead of columns.`)
      return reply
    },
  }
}

function startDecodeWorker(): Worker {
  return new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' })
}

function damagedFileError(file: string): AppError {
  const detail = `${file} cannot be decoded: its pages do not match their headers.`
  return new AppError('file-damaged', detail, { facts: { file } })
}

function cancelledError(): AppError {
  return new AppError('cancelled', 'Loading was cancelled.')
}
