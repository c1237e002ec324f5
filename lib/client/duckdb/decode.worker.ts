import init, { ParquetFile } from 'parquet-wasm/esm/parquet_wasm.js'
import { AppError } from '@/lib/errors'
import { clearRecent, RecentlyUsed } from '@/lib/scan/recently-used'
import { damaged, decodeColumns, type OpenFile, openFile, summaryOf } from './decode'
import type { DecodeReply, DecodeRequest, LoadFile } from './decode-messages'
import { remoteSource } from './remote-file'

/**
 * Reads Parquet files apart from the page and from DuckDB. A file that breaks the decoder ends this worker and nothing
 * else; whoever started it hears an `error` event, and knows which file it was from the last `decoding`.
 */
const KEPT_FOOTERS = 1000
const wasm = init({ module_or_path: '/duckdb/parquet_wasm_bg.wasm' })
const open = new RecentlyUsed<string, Promise<OpenFile>>()

function opened(file: LoadFile): Promise<OpenFile> {
  const known = open.get(file.url)
  if (known) return known
  const opening = openFile(remoteSource(file), file)
  void open.set(file.url, opening)
  // A failed try is not kept: the next one may find the server again.
  opening.catch(() => open.delete(file.url))
  clearRecent(open, KEPT_FOOTERS, () => 1)
  return opening
}

let before: Promise<unknown> = Promise.resolve()

/** One decode at a time, announced before it begins: it may be the last thing that is heard from here. */
function decodeInTurn<T>(id: number, work: () => Promise<T>): Promise<T> {
  const mine = before.then(() => {
    self.postMessage({ id, kind: 'decoding' } satisfies DecodeReply)
    return work()
  })
  before = mine.catch(() => undefined)
  return mine
}

async function answer(request: DecodeRequest): Promise<DecodeReply> {
  const { id, file } = request
  const parquet = await opened(file)
  if (request.kind === 'footer') return { id, kind: 'footer', footer: summaryOf(parquet) }
  await wasm.catch((cause: unknown) => {
    throw new AppError('server-unreachable', 'The decoder for Parquet files could not be loaded.', { cause })
  })
  const decoded = await decodeColumns(parquet, request, { ParquetFile }, (work) => decodeInTurn(id, work))
  return { id, kind: 'columns', ...decoded }
}

self.addEventListener('message', ({ data: request }: MessageEvent<DecodeRequest>) => {
  answer(request).then(
    (reply) => self.postMessage(reply, reply.kind === 'columns' ? { transfer: [reply.ipc.buffer] } : {}),
    (cause: unknown) => {
      const error = cause instanceof AppError ? cause : damaged(request.file.name, cause)
      const { code, message, facts, requestId } = error
      self.postMessage({
        id: request.id,
        kind: 'failed',
        error: { code, message, facts, requestId },
      } satisfies DecodeReply)
    },
  )
})
