import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/types'
import type { SentError } from '../scan/row-messages'
import type { Decoded, DecodeReply, DecodeRequest, FooterSummary, LoadFile } from './decode-messages'

/** Reads Parquet files apart from the page. */
export type Decoder = {
  /** Starts the worker ahead of the first request. */
  start(): void
  /** @throws {AppError} file-missing, file-damaged, not-supported, token-expired, cancelled */
  footer(file: LoadFile, signal: AbortSignal): Promise<FooterSummary>
  /**
   * The columns `fields` of some row groups as an Arrow IPC stream.
   *
   * @throws {AppError} as {@link footer}
   */
  columns(
    file: LoadFile,
    order: { rowGroups: readonly number[]; fields: readonly NestedField[] },
    signal: AbortSignal,
  ): Promise<Decoded>
}

/** The part of a worker that is used here. */
type DecodeWorker = Pick<Worker, 'addEventListener' | 'postMessage' | 'terminate'>

/** What is sent without its number: a union keeps its parts. */
type Sent<R = DecodeRequest> = R extends DecodeRequest ? Omit<R, 'id'> : never
type Waiting = { file: string; resolve: (reply: DecodeReply) => void; reject: (error: AppError) => void }

/**
 * Starts the decoding worker when it is first needed, and again after it was ended: by a cancelled load, whose decode
 * cannot be interrupted otherwise, or by a file that broke it.
 */
export function createDecoder(startWorker: () => DecodeWorker = decodeWorker): Decoder {
  let worker: DecodeWorker | null = null
  let lastId = 0
  const waiting = new Map<number, Waiting>()

  /** The request whose decode has begun: its file is the one to blame when the worker ends. */
  let inHand: number | null = null
  /** A worker that never said anything has not begun with any file. */
  let isHeard = false

  const blamed = (): string | null => {
    const files = [...new Set([...waiting.values()].map(({ file }) => file))]
    const only = isHeard && files.length === 1 ? files[0] : undefined
    return (inHand === null ? only : waiting.get(inHand)?.file) ?? null
  }

  const end = (reason: AppError) => {
    worker?.terminate()
    worker = null
    inHand = null
    isHeard = false
    for (const [id, { reject }] of waiting) {
      waiting.delete(id)
      reject(reason)
    }
  }

  const started = (): DecodeWorker => {
    if (worker) return worker
    worker = startWorker()
    worker.addEventListener('message', ({ data: reply }: MessageEvent<DecodeReply>) => {
      isHeard = true
      const asked = waiting.get(reply.id)
      if (reply.kind === 'decoding') {
        inHand = reply.id
        return
      }
      if (inHand === reply.id) inHand = null
      waiting.delete(reply.id)
      if (reply.kind === 'failed') asked?.reject(problemOf(reply.error))
      else asked?.resolve(reply)
    })
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      const file = blamed()
      end(file === null ? new AppError('internal', `The decoder failed: ${event.message}`) : damaged(file))
    })
    return worker
  }

  const ask = (request: Sent, signal: AbortSignal): Promise<DecodeReply> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(cancelled())
      const id = ++lastId
      const onAbort = () => end(cancelled())
      signal.addEventListener('abort', onAbort, { once: true })
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener('abort', onAbort)
          settle(value)
        }
      waiting.set(id, { file: request.file.name, resolve: settled(resolve), reject: settled(reject) })
      started().postMessage({ ...request, id } satisfies DecodeRequest)
    })

  return {
    start: () => void started(),
    async footer(file, signal) {
      const reply = await ask({ kind: 'footer', file }, signal)
      if (reply.kind !== 'footer') throw new AppError('internal', `The decoder answered ${reply.kind}, not a footer.`)
      return reply.footer
    },
    async columns(file, order, signal) {
      const reply = await ask({ kind: 'columns', file, ...order }, signal)
      if (reply.kind !== 'columns') throw new AppError('internal', `The decoder answered ${reply.kind}, not columns.`)
      return reply
    },
  }
}

function decodeWorker(): Worker {
  return new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' })
}

function problemOf({ code, message, facts, requestId }: SentError): AppError {
  return new AppError(code, message, { facts: { ...facts }, ...(requestId !== null && { requestId }) })
}

function damaged(file: string): AppError {
  const detail = `${file} cannot be decoded: its pages are not what their headers say.`
  return new AppError('file-damaged', detail, { facts: { file } })
}

function cancelled(): AppError {
  return new AppError('cancelled', 'Loading was cancelled.')
}
