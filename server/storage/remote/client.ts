import 'server-only'
import type { IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '@/lib/errors'
import { bytesOf, exchange, type Headers } from '@/server/http-out/http-exchange'
import type { Reach } from '@/server/http-out/safe-address'
import { Refusal, Unreachable } from './refusal'
import { RequestSlots } from './request-slots'

/** Requests to one store at the same time; more wait. */
const MOST_AT_ONCE = 16
const MOST_TRIES = 4
/** Pauses between tries grow from the first, at random below that, so that many clients do not come back at once. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000
const MAX_ERROR_BYTES = 64 * 1024

/** `holder`: the bucket or container; with an empty key, it is itself what is spoken of. */
export type ObjectRef = { holder: string; key: string }

export type RemoteRequest = {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  object: ObjectRef
  query?: Readonly<Record<string, string>>
  /** Names in lower case. */
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array
  signal?: AbortSignal | undefined
}

/** What a kind of store makes of requests and refusals. */
export type Protocol = {
  /** Of the endpoint, for people. */
  host: string
  /** Of an endpoint that no admin named. */
  reach?: Reach | undefined
  /** A request as it goes out: where to, and what proves who asks. Called for each try. */
  prepared(request: RemoteRequest, signal?: AbortSignal): Promise<{ url: URL; headers: Headers }>
  /** @param text the answer's body; empty where it was longer than an error is */
  refusalOf(answer: IncomingMessage, text: string): Refusal
  /** Whether a refusal is worth another try. */
  isPassing(refusal: Refusal): boolean
}

const OURS_OR_BUGS = [AppError, Refusal, TypeError, RangeError]

/** Pauses and patience, so that a test need not wait. */
export type Timing = { firstPauseMs?: number; silenceMs?: number }

export type RemoteClient = {
  /** Of the endpoint, for people. */
  readonly host: string
  readonly silenceMs: number | undefined
  /**
   * Sends a request and takes its answer; both again, a few times, when the store is overloaded or does not answer
   * to the end. Whatever is sent must bear being carried out twice.
   *
   * @param take reads the answer's body, or hands the answer on: the request no longer counts as running then
   * @throws {Refusal} also for a redirect, which is never followed
   * @throws {Unreachable}
   */
  send<Result>(request: RemoteRequest, take: (answer: IncomingMessage) => Promise<Result>): Promise<Result>
}

export function remoteClient(
  { host, reach, prepared, refusalOf, isPassing }: Protocol,
  { firstPauseMs = FIRST_PAUSE_MS, silenceMs }: Timing = {},
): RemoteClient {
  const slots = new RequestSlots(MOST_AT_ONCE)

  async function once<Result>(
    request: RemoteRequest,
    take: (answer: IncomingMessage) => Promise<Result>,
  ): Promise<Result> {
    const { method, body, signal } = request
    await slots.acquire(signal)
    try {
      const answer = await exchange(
        { method, ...(await prepared(request, signal)), body },
        { reach, signal, silenceMs },
      )
      const status = answer.statusCode ?? 0
      if (status >= 200 && status < 300) return await take(answer)
      const text = await bytesOf(answer, MAX_ERROR_BYTES, silenceMs)
      throw refusalOf(answer, new TextDecoder().decode(text ?? undefined))
    } finally {
      slots.release()
    }
  }

  return {
    host,
    silenceMs,

    async send(request, take) {
      const { signal } = request
      let isAfterUnknown = false
      for (let tries = 1; ; tries++) {
        try {
          return await once(request, take)
        } catch (error) {
          signal?.throwIfAborted()
          if (error instanceof Refusal) error.isAfterUnknown = isAfterUnknown
          const isWorthIt = error instanceof Refusal ? isPassing(error) : isOfNetwork(error)
          if (!isWorthIt || tries === MOST_TRIES) throw asFinal(error)
          isAfterUnknown ||= !(error instanceof Refusal && error.status < 500)
        }
        const longestMs = Math.min(firstPauseMs * 2 ** (tries - 1), LONGEST_PAUSE_MS)
        await wait(Math.random() * longestMs, undefined, signal && { signal })
      }
    },
  }
}

/** The answer's body as text. */
export async function textOf(
  { silenceMs }: RemoteClient,
  answer: IncomingMessage,
  maxBytes = MAX_ERROR_BYTES,
): Promise<string> {
  const bytes = await bytesOf(answer, maxBytes, silenceMs)
  if (bytes === null) throw new Unreachable('The store’s answer is longer than expected.')
  return new TextDecoder().decode(bytes)
}

function asFinal(error: unknown): unknown {
  return isOfNetwork(error) ? new Unreachable(`after ${MOST_TRIES} tries`, { cause: error }) : error
}

/** Node's errors of sockets, names and TLS have a code in text; ours have another, and those of bugs are of a kind. */
function isOfNetwork(error: unknown): boolean {
  if (!(error instanceof Error) || OURS_OR_BUGS.some((kind) => error instanceof kind)) return false
  return 'code' in error && typeof error.code === 'string'
}
