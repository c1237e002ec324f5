import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import type { IncomingMessage } from 'node:http'
import type { ByteRange } from '../object-store'
import { readChunks } from '@/server/http-out/send-request'
import { Unreachable } from './refusal'

/** How often one stream goes on after its connection broke. */
const MAX_RESUMES = 4

type ObjectStreamOptions = {
  range: ByteRange
  idleTimeoutMs: number | undefined
  /** Asks for the rest of the range; the answer is checked to be it. */
  open(remaining: ByteRange, signal: AbortSignal): Promise<IncomingMessage>
  truncatedError(actualBytes: number): Error
  /** Another object came by the name while this one was read. */
  replacedError(): Error
  /** Errors to throw, of those that came. */
  translateError(error: unknown): unknown
  signal: AbortSignal | undefined
}

/**
 * The bytes of a range as they are read. Where a connection breaks, the rest is asked for, and has to be of the same
 * object by what the store calls its version. It opens before this resolves, so that what is not there is an error and no broken stream.
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
          if (position + chunk.length > range.end) throw new Unreachable('The answer is longer than announced.')
          position += chunk.length
          // Not a view into a buffer of the connection: who reads it may hand the memory on.
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

/** The connection ended before the body did, or fell silent. */
function isConnectionLost(error: unknown): boolean {
  return hasErrorCode(error, 'ECONNRESET', 'ETIMEDOUT', 'EPIPE')
}
