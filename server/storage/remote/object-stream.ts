import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import type { IncomingMessage } from 'node:http'
import type { ByteRange } from '../object-store'
import { readChunks } from '@/server/http-out/send-request'
import { Unreachable } from './refusal'

/** How many times one stream resumes after a broken connection. */
const MAX_RESUMES = 4

type ObjectStreamOptions = {
  range: ByteRange
  idleTimeoutMs: number | undefined
  /** Requests the rest of the range and checks that the response is that rest. */
  open(remaining: ByteRange, signal: AbortSignal): Promise<IncomingMessage>
  truncatedError(actualBytes: number): Error
  /** The object was replaced while it was being read. */
  replacedError(): Error
  /** Maps an error to the one to throw. */
  translateError(error: unknown): unknown
  signal: AbortSignal | undefined
}

/**
 * Streams the bytes of a range. After a broken connection it requests the rest, which must be of the same object by the
 * store's version of it. The returned promise resolves after the first response, so a missing object is an error and
 * not a broken stream.
 */
export async function openObjectStream({
  range,
  idleTimeoutMs,
  open,
  truncatedError,
  replacedError,
  translateError,
  signal,
}: ObjectStreamOptions): Promise<ReadableStream<Uint8Array>> {
  const cancelled = new AbortController()
  const stopSignal = signal ? AbortSignal.any([signal, cancelled.signal]) : cancelled.signal
  let position = range.start
  let response: IncomingMessage | null = position < range.end ? await open(range, stopSignal) : null
  const version = response?.headers.etag

  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let resumes = 0; position < range.end; resumes++) {
      try {
        response ??= await open({ start: position, end: range.end }, stopSignal)
        if (response.headers.etag !== version) throw replacedError()
        for await (const chunk of readChunks(response, idleTimeoutMs)) {
          stopSignal.throwIfAborted()
          if (position + chunk.length > range.end) throw new Unreachable('The response is longer than announced.')
          position += chunk.length
          // A copy and not a view into a connection's buffer, because the reader may transfer the memory.
          yield new Uint8Array(chunk)
        }
        if (position < range.end) throw truncatedError(position)
      } catch (error) {
        stopSignal.throwIfAborted()
        if (!isConnectionLost(error)) throw translateError(error)
        if (resumes === MAX_RESUMES)
          throw translateError(new Unreachable('The stream kept breaking.', { cause: error }))
      }
      response = null
    }
  }

  const source = chunks()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await source.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      async cancel() {
        cancelled.abort()
        response?.destroy()
        await source.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

/** The connection ended before the body did, or timed out. */
function isConnectionLost(error: unknown): boolean {
  return hasErrorCode(error, 'ECONNRESET', 'ETIMEDOUT', 'EPIPE')
}
