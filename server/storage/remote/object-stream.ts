import 'server-only'
import type { IncomingMessage } from 'node:http'
import type { ByteRange } from '../object-store'
import { chunksOf } from '@/server/http-out/http-exchange'
import { Unreachable } from './refusal'

/** How often one stream goes on after its connection broke. */
const MOST_RESUMES = 4

type Streamed = {
  range: ByteRange
  silenceMs: number | undefined
  /** Asks for the rest of the range; the answer is checked to be it. */
  open(rest: ByteRange, signal: AbortSignal): Promise<IncomingMessage>
  endsEarly(actualBytes: number): Error
  /** Another object came by the name while this one was read. */
  changed(): Error
  /** Errors to throw, of those that came. */
  inOurWords(error: unknown): unknown
  signal: AbortSignal | undefined
}

/**
 * The bytes of a range as they are read. Where a connection breaks, the rest is asked for, and has to be of the same
 * object by what the store calls its version. It opens before this resolves, so that what is not there is an error and no broken stream.
 */
export async function objectStream({
  range,
  silenceMs,
  open,
  endsEarly,
  changed,
  inOurWords,
  signal,
}: Streamed): Promise<ReadableStream<Uint8Array>> {
  const left = new AbortController()
  const until = signal ? AbortSignal.any([signal, left.signal]) : left.signal
  let position = range.start
  let answer: IncomingMessage | null = position < range.end ? await open(range, until) : null
  const version = answer?.headers.etag

  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let resumes = 0; position < range.end; resumes++) {
      try {
        answer ??= await open({ start: position, end: range.end }, until)
        if (answer.headers.etag !== version) throw changed()
        for await (const chunk of chunksOf(answer, silenceMs)) {
          until.throwIfAborted()
          if (position + chunk.length > range.end) throw new Unreachable('The answer is longer than announced.')
          position += chunk.length
          // Not a view into a buffer of the connection: who reads it may hand the memory on.
          yield new Uint8Array(chunk)
        }
        if (position < range.end) throw endsEarly(position)
      } catch (error) {
        until.throwIfAborted()
        if (!isBroken(error)) throw inOurWords(error)
        if (resumes === MOST_RESUMES) throw inOurWords(new Unreachable('The stream kept breaking.', { cause: error }))
      }
      answer = null
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
        left.abort()
        answer?.destroy()
        await source.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

/** The connection ended before the body did, or fell silent. */
function isBroken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ECONNRESET', 'ETIMEDOUT', 'EPIPE'].includes(String(error.code))
}
