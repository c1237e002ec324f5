import 'server-only'
import type { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import type { Actor } from '@/server/auth/actor'
import type { Services } from '@/server/services'
import { type Asked, answer, type ServedEndpoint } from './answer'

/** What a person is told. `data` is written as JSON. */
export type ServerEvent = { event: string; data: unknown }
/** Makes of an occurrence what this person may know of it; null: nothing. */
export type Send = (toEvent: (actor: Actor) => ServerEvent | null) => void

/** How often it is looked whether a stream has to end; each tenth time the reader is told that it is there. */
const LOOK_EVERY_MS = 1_000
const HEARTBEAT_LOOKS = 10
/** A stream that is over is opened again by the browser. */
const LONGEST_STREAM_MS = 15 * 60_000
const RETRY_AFTER_MS = 3_000
/** Events that wait for a reader that does not read; then it is let go. */
const MOST_WAITING = 256

/**
 * Serves an endpoint that tells what happens as server-sent events (HTML Standard, *Server-sent
 * events*). Before each event and every second the session is looked up again, so that a stream ends with it and
 * tells what the person may know now, not what they might when it began.
 *
 * @param subscribe called once per stream; returns what ends the subscription
 */
export function serveEvents<I extends z.ZodObject>(
  services: Services,
  endpoint: Endpoint<I, 'events'>,
  subscribe: (input: z.output<I>, send: Send) => Promise<() => void>,
): ServedEndpoint {
  const handle: ServedEndpoint['handle'] = (request, context) =>
    answer(services, endpoint, request, context, async (input, asked) => {
      const headers = {
        'content-type': 'text/event-stream; charset=utf-8',
        // Compression would hold events back until there are enough of them.
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
      }
      const body =
        request.method === 'HEAD' ? null : await eventStream(services, asked, (send) => subscribe(input, send))
      return new Response(body, { headers })
    })
  return { endpoint, handle }
}

async function eventStream(
  services: Pick<Services, 'database' | 'eventStreams' | 'log' | 'stopping'>,
  { session, refresh, signal }: Asked,
  subscribe: (send: Send) => Promise<() => void>,
): Promise<ReadableStream<Uint8Array>> {
  const letGo = services.eventStreams.takePlace(session.userId)
  let stop = () => {}
  let begin = async () => {}
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => controller.enqueue(new TextEncoder().encode(text))
        const startedAt = performance.now()
        let heartbeat: NodeJS.Timeout | undefined
        let unsubscribe = () => {}
        let isOver = false
        stop = () => {
          if (isOver) return
          isOver = true
          clearInterval(heartbeat)
          signal.removeEventListener('abort', end)
          unsubscribe()
          letGo()
        }
        const end = () => {
          if (isOver) return
          stop()
          controller.close()
        }
        /** Null when the stream has to end. */
        const actorNow = async () => {
          const now = await refresh()
          const isSlow = (controller.desiredSize ?? 0) <= -MOST_WAITING
          const isLong = performance.now() - startedAt > LONGEST_STREAM_MS
          return !now || isSlow || isLong || services.stopping.aborted ? null : now
        }
        const tell = async (textFor: (actor: Actor) => string | null) => {
          if (isOver) return
          try {
            const actor = await actorNow()
            if (isOver) return
            const text = actor && textFor(actor)
            if (!actor) end()
            else if (text !== null) write(text)
          } catch (error) {
            // Nobody above could answer it: the browser asks for another stream.
            services.log.error(error, { doing: 'telling what happens', userId: session.userId })
            end()
          }
        }
        // One after another, in the order in which they came: each waits for the session to be looked up.
        let lastTold = Promise.resolve()
        let waiting = 0
        const tellInTurn = (textFor: (actor: Actor) => string | null) => {
          if (waiting >= MOST_WAITING) return end()
          waiting += 1
          lastTold = lastTold.then(async () => {
            await tell(textFor)
            waiting -= 1
          })
        }
        signal.addEventListener('abort', end, { once: true })
        write(`retry: ${RETRY_AFTER_MS}\n\n`)
        begin = async () => {
          try {
            unsubscribe = await subscribe((toEvent) => tellInTurn((actor) => eventText(toEvent(actor))))
          } catch (error) {
            stop()
            throw error
          }
          if (isOver) return unsubscribe()
          let looks = 0
          heartbeat = setInterval(() => {
            looks += 1
            tellInTurn(() => (looks % HEARTBEAT_LOOKS === 0 ? ': still here\n\n' : null))
          }, LOOK_EVERY_MS)
          if (signal.aborted) end()
        }
      },
      // The stream is closed already, by its reader.
      cancel: () => stop(),
    },
    { highWaterMark: 0 },
  )
  await begin()
  return stream
}

function eventText(event: ServerEvent | null): string | null {
  // JSON has no line breaks, so that it is one line of data.
  return event && `event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`
}
