import { AppError } from '@/lib/errors'

/** A line with much more than the server sends is not read to its end. */
const MAX_LINE_CHARS = 64 * 1024 * 1024

/**
 * The lines of a response, as they arrive. The response is cancelled when the reader stops.
 *
 * @throws {AppError} server-unreachable; internal for a line that is too long; cancelled
 */
export async function* readLines(body: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<string, void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let parts: string[] = []
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        if (signal.aborted) throw new AppError('cancelled', 'The request was cancelled.', { cause })
        throw new AppError('server-unreachable', 'The connection to the server was lost.', { cause })
      })
      if (done) return
      const [first = '', ...rest] = value.split('\n')
      parts.push(first)
      length += first.length
      if (length > MAX_LINE_CHARS) throw new AppError('internal', 'The server sent a line that is too long.')
      for (const next of rest) {
        yield parts.join('')
        parts = [next]
        length = next.length
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined) // it has failed already
  }
}
