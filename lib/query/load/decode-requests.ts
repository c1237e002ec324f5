import type { ByteSource } from '@/lib/parquet/byte-source'
import { createDeleteLoader } from '@/lib/scan/deletes/delete-loader'
import { evictLeastRecent, LruMap } from '@/lib/scan/lru-map'
import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import { createBlobSource } from './blob-source'
import { countRemainingRows, decodeColumns, loadDeletedRows, type OpenFile, openFile, summarizeFooter } from './decode'
import type { DecodeReply, DecodeRequest, LoadableDelete, LoadableFile, RemoteFile } from './decode-messages'

const MAX_CACHED_FOOTERS = 1000

/** Replies to requests with the content of data files, whose footers and deletes are cached. */
export type HandleDecodeRequest = (request: DecodeRequest, onDecode: () => void) => Promise<DecodeReply>

/** @param openRemote opens a file at its URL */
export function createDecodeHandler(
  codecs: DataFileCodecs,
  openRemote: (file: RemoteFile) => ByteSource,
): HandleDecodeRequest {
  const deletes = createDeleteLoader({
    codecs,
    open: (file: LoadableDelete) => openRemote({ url: file.url, name: file.path, byteLength: file.fileSizeBytes }),
  })
  /** Bytes read of delete files that are not reported yet. */
  let reportedBytes = 0
  const openFiles = new LruMap<string, Promise<OpenFile>>()

  function getOpenFile(file: LoadableFile): Promise<OpenFile> {
    const cached = openFiles.get(file.url)
    if (cached) return cached
    const opening = openFile(file.blob ? createBlobSource(file.name, file.blob) : openRemote(file), file, codecs)
    void openFiles.set(file.url, opening)
    // A failed attempt is not cached: the next one may reach the server again.
    opening.catch(() => openFiles.delete(file.url))
    evictLeastRecent(openFiles, MAX_CACHED_FOOTERS, () => 1)
    return opening
  }

  function takeReadBytes(): number {
    const bytes = deletes.tally.bytesRead - reportedBytes
    reportedBytes = deletes.tally.bytesRead
    return bytes
  }

  return async (request, onDecode) => {
    const { id, file } = request
    const opened = await getOpenFile(file)
    if (request.kind === 'footer') return { id, kind: 'footer', footer: summarizeFooter(opened) }
    const deleted = await loadDeletedRows(deletes, file, opened)
    if (request.kind === 'counts') {
      return { id, kind: 'counts', rowCounts: countRemainingRows(opened, deleted), readBytes: takeReadBytes() }
    }
    const decoded = await decodeColumns(opened, { ...request, deleted }, onDecode)
    return { id, kind: 'columns', ...decoded, readBytes: decoded.readBytes + takeReadBytes() }
  }
}
