import init, { ParquetFile } from 'parquet-wasm/esm/parquet_wasm.js'
import { AppError } from '@/lib/errors'
import { evictLeastRecent, LruMap } from '@/lib/scan/lru-map'
import { decodeError, decodeColumns, type OpenFile, openFile, summarizeFooter } from './decode'
import type { DecodeReply, DecodeRequest, LoadableFile } from './decode-messages'
import { createRemoteSource } from './remote-file'

/**
 * Reads Parquet files apart from the page and from DuckDB. A file that crashes the decoder ends only this worker. The
 * page then gets an `error` event, and knows the file from the last `decoding` message.
 */
const MAX_CACHED_FOOTERS = 1000
const wasm = init({ module_or_path: '/duckdb/parquet_wasm_bg.wasm' })
const openFiles = new LruMap<string, Promise<OpenFile>>()

function getOpenFile(file: LoadableFile): Promise<OpenFile> {
  const cached = openFiles.get(file.url)
  if (cached) return cached
  const opening = openFile(createRemoteSource(file), file)
  void openFiles.set(file.url, opening)
  // A failed attempt is not cached: the next one may reach the server again.
  opening.catch(() => openFiles.delete(file.url))
  evictLeastRecent(openFiles, MAX_CACHED_FOOTERS, () => 1)
  return opening
}

let lastDecode: Promise<unknown> = Promise.resolve()

/** Decodes one at a time, and announces each decode first: the announcement may be this worker's last message. */
function decodeInTurn<T>(id: number, work: () => Promise<T>): Promise<T> {
  const decode = lastDecode.then(() => {
    self.postMessage({ id, kind: 'decoding' } satisfies DecodeReply)
    return work()
  })
  lastDecode = decode.catch(() => undefined)
  return decode
}

async function handleRequest(request: DecodeRequest): Promise<DecodeReply> {
  const { id, file } = request
  const parquet = await getOpenFile(file)
  if (request.kind === 'footer') return { id, kind: 'footer', footer: summarizeFooter(parquet) }
  await wasm.catch((cause: unknown) => {
    throw new AppError('server-unreachable', 'The decoder for Parquet files could not be loaded.', { cause })
  })
  const decoded = await decodeColumns(parquet, request, { ParquetFile }, (work) => decodeInTurn(id, work))
  return { id, kind: 'columns', ...decoded }
}

self.addEventListener('message', ({ data: request }: MessageEvent<DecodeRequest>) => {
  handleRequest(request).then(
    (reply) => self.postMessage(reply, reply.kind === 'columns' ? { transfer: [reply.ipc.buffer] } : {}),
    (cause: unknown) => {
      const error = cause instanceof AppError ? cause : decodeError(request.file.name, cause)
      const { code, message, facts, requestId } = error
      self.postMessage({
        id: request.id,
        kind: 'failed',
        error: { code, message, facts, requestId },
      } satisfies DecodeReply)
    },
  )
})
