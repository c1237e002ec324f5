import { AppError } from '@/lib/errors'
import { createBrowserPageCodecs } from '../codecs/browser-page-codecs'
import { decodeError } from '@/lib/query/load/decode'
import type { DecodeRequest } from '@/lib/query/load/decode-messages'
import { createDecodeHandler } from '@/lib/query/load/decode-requests'
import { createRemoteSource } from '@/lib/api/remote-file'
import type { WorkerReply } from './worker-reply'

/**
 * Reads data files apart from the page and from DuckDB. A file that crashes the decoder ends only this worker. The
 * page then gets an `error` event, and knows the file from the last `decoding` message.
 */
const handleRequest = createDecodeHandler(createBrowserPageCodecs(), createRemoteSource)

const DROPPED_FILE_HINT = 'Write or copy the file again, then open that one.'

self.addEventListener('message', ({ data: request }: MessageEvent<DecodeRequest>) => {
  handleRequest(request, () => {
    // This may be the last message of a worker that runs out of memory.
    self.postMessage({ id: request.id, kind: 'decoding' } satisfies WorkerReply)
  }).then(
    (reply) =>
      self.postMessage(reply, reply.kind === 'columns' ? { transfer: reply.batches.map(({ buffer }) => buffer) } : {}),
    (cause: unknown) => {
      const error = cause instanceof AppError ? cause : decodeError(request.file.name, cause)
      const { code, message, requestId } = error
      // No table has this file, so the advice for files of tables does not fit.
      const facts = request.file.blob ? { hint: DROPPED_FILE_HINT, ...error.facts } : error.facts
      self.postMessage({
        id: request.id,
        kind: 'failed',
        error: { code, message, facts, requestId },
      } satisfies WorkerReply)
    },
  )
})
