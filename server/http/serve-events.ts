import 'server-only'
import type { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import type { Actor } from '@/server/auth/actor'
import type { Services } from '@/server/services'
import { clock, type Timer } from '@/server/timing/clock'
import { type RequestContext, handleRequest, type ServedEndpoint } from './handle-request'

/** An event for one user. `data` is written as JSON. */
export type ServerEvent = { event: string; data: unknown }
/** Builds from a change the event that this user may receive, or null. */
export type SendEvent = (toEvent: (actor: Actor) => ServerEvent | null) => void

/** How often to check whether a stream has to end. Every tenth check sends a heartbeat. */
const CHECK_INTERVAL_MS = 1_000
const CHECKS_PER_HEARTBEAT = 10
/** The browser reopens a stream that has ended. */
const MAX_STREAM_MS = 15 * 60_000
const RETRY_AFTER_MS = 3_000
/** Events queued for a client that does not read; with more, the client is disconnected. */
const MAX_QUEUED_EVENTS = 256

/**
 * Serves an endpoint that reports changes as server-sent events (HTML Standard, *Server-sent events*). The session is
 * loaded again before each event and every second, so that the stream ends with it and always applies the user's
 * current permissions.
 *
 * @param subscribe called once per stream; returns a function that ends the subscription
 */
export function serveEvents<I extends z.ZodObject>(
  services: Services,
  endpoint: Endpoint<I, 'events'>,
  subscribe: (input: z.output<I>, send: SendEvent) => Promise<() => void>,
): ServedEndpoint {
  const handle: ServedEndpoint['handle'] = (request, context) =>
    handleRequest(services, endpoint, request, context, async (input, requestContext) => {
      const headers = {
        'content-type': 'text/event-stream; charset=utf-8',
        // Compression would buffer events.
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
      }
      const body =
        request.method === 'HEAD'
          ? null
          : await openEventStream(services, requestContext, (send) => subscribe(input, send))
      return new Response(body, { headers })
    })
  return { endpoint, handle }
}

async function openEventStream(
  services: Pick<Services, 'database' | 'eventStreams' | 'log' | 'stopping'>,
  { session, refresh, signal }: RequestContext,
  subscribe: (send: SendEvent) => Promise<() => void>,
): Promise<ReadableStream<Uint8Array>> {
  const release = services.eventStreams.acquire(session.userId)
  let stop = () => {}
  let begin = async () => {}
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => controller.enqueue(new TextEncoder().encode(text))
        const startedAt = clock.elapsedMs()
        let heartbeat: Timer | undefined
        let unsubscribe = () => {}
        let hasEnded = false
        stop = () => {
          if (hasEnded) return
          hasEnded = true
          heartbeat?.cancel()
          signal.removeEventListener('abort', end)
          unsubscribe()
          release()
        }
        const end = () => {
          if (hasEnded) return
          stop()
          controller.close()
        }
        /** Null when the stream has to end. */
        const readActor = async () => {
          const currentActor = await refresh()
          const isSlow = (controller.desiredSize ?? 0) <= -MAX_QUEUED_EVENTS
          const isLong = clock.elapsedMs() - startedAt > MAX_STREAM_MS
          return !currentActor || isSlow || isLong || services.stopping.aborted ? null : currentActor
        }
        const sendText = async (textFor: (actor: Actor) => string | null) => {
          if (hasEnded) return
          try {
            const actor = await readActor()
            if (hasEnded) return
            const text = actor && textFor(actor)
            if (!actor) end()
            else if (text !== null) write(text)
          } catch (error) {
            // No caller can handle it: the browser opens another stream.
            services.log.error(error, { doing: 'streaming events', userId: session.userId })
            end()
          }
        }
        // Events are sent one after another, in order: each waits for the session to be loaded.
        let lastSent = Promise.resolve()
        let queuedCount = 0
        const enqueue = (textFor: (actor: Actor) => string | null) => {
          if (queuedCount >= MAX_QUEUED_EVENTS) return end()
          queuedCount += 1
          lastSent = lastSent.then(async () => {
            await sendText(textFor)
            queuedCount -= 1
          })
        }
        signal.addEventListener('abort', end, { once: true })
        write(`retry: ${RETRY_AFTER_MS}\n\n`)
        begin = async () => {
          try {
            unsubscribe = await subscribe((toEvent) => enqueue((actor) => formatEvent(toEvent(actor))))
          } catch (error) {
            stop()
            throw error
          }
          if (hasEnded) return unsubscribe()
          let checkCount = 0
          heartbeat = clock.every(CHECK_INTERVAL_MS, () => {
            checkCount += 1
            enqueue(() => (checkCount % CHECKS_PER_HEARTBEAT === 0 ? ': still here\n\n' : null))
          })
          if (signal.aborted) end()
        }
      },
      // The client has closed the stream already.
      cancel: () => stop(),
    },
    { highWaterMark: 0 },
  )
  await begin()
  return stream
}

function formatEvent(event: ServerEvent | null): string | null {
  // JSON has no line breaks, so it is one line of data.
  return event && `event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`
}
