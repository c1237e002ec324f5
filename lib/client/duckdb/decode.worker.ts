import { AppError } from '@/lib/errors'
import { createDeleteLoader } from '@/lib/scan/deletes/delete-loader'
import { evictLeastRecent, LruMap } from '@/lib/scan/lru-map'
import { createBrowserPageCodecs } from '../codecs/browser-page-codecs'
import { createBlobSource } from './blob-source'
import {
  countRemainingRows,
  decodeError,
  decodeColumns,
  loadDeletedRows,
  type OpenFile,
  openFile,
  summarizeFooter,
} from './decode'
import type { DecodeReply, DecodeRequest, LoadableDelete, LoadableFile } from './decode-messages'
import { createRemoteSource } from './remote-file'

/**
 * Reads data files apart from the page and from DuckDB. A file that crashes the decoder ends only this worker. The
 * page then gets an `error` event, and knows the file from the last `decoding` message.
 */
const MAX_CACHED_FOOTERS = 1000
const codecs = createBrowserPageCodecs()
const deletes = createDeleteLoader({
  codecs,
  open: (file: LoadableDelete) =>
    createRemoteSource({ url: file.url, name: file.path, byteLength: file.fileSizeBytes }),
})
/** Of delete files, and not yet reported to the page. */
let reportedBytes = 0
const openFiles = new LruMap<string, Promise<OpenFile>>()

function getOpenFile(file: LoadableFile): Promise<OpenFile> {
  const cached = openFiles.get(file.url)
  if (cached) return cached
  const opening = openFile(file.blob ? createBlobSource(file.name, file.blob) : createRemoteSource(file), file, codecs)
  void openFiles.set(file.url, opening)
  // A failed attempt is not cached: the next one may reach the server again.
  opening.catch(() => openFiles.delete(file.url))
  evictLeastRecent(openFiles, MAX_CACHED_FOOTERS, () => 1)
  return opening
}

async function handleRequest(request: DecodeRequest): Promise<DecodeReply> {
  const { id, file } = request
  const parquet = await getOpenFile(file)
  if (request.kind === 'footer') return { id, kind: 'footer', footer: summarizeFooter(parquet) }
  const deleted = await loadDeletedRows(deletes, file, parquet)
  if (request.kind === 'counts') {
    return { id, kind: 'counts', rowCounts: countRemainingRows(parquet, deleted), readBytes: takeReadBytes() }
  }
  const decoded = await decodeColumns(parquet, { ...request, deleted }, () => {
    // This may be the last message of a worker that runs out of memory.
    self.postMessage({ id, kind: 'decoding' } satisfies DecodeReply)
  })
  return { id, kind: 'columns', ...decoded, readBytes: decoded.readBytes + takeReadBytes() }
}

function takeReadBytes(): number {
  const bytes = deletes.tally.bytesRead - reportedBytes
  reportedBytes = deletes.tally.bytesRead
  return bytes
}

const DROPPED_FILE_HINT = 'Write or copy the file again, then open that one.'

self.addEventListener('message', ({ data: request }: MessageEvent<DecodeRequest>) => {
  handleRequest(request).then(
    (reply) =>
      self.postMessage(reply, reply.kind === 'columns' ? { transfer: reply.batches.map(({ buffer }) => buffer) } : {}),
    (cause: unknown) => {
      const error = cause instanceof AppError ? cause : decodeError(request.file.name, cause)
      const { code, message, requestId } = error
      // No table has this file, so the advice for files of tables does not fit.
      const facts = request.file.blob ? { ...error.facts, hint: DROPPED_FILE_HINT } : error.facts
      self.postMessage({
        id: request.id,
        kind: 'failed',
        error: { code, message, facts, requestId },
      } satisfies DecodeReply)
    },
  )
})
