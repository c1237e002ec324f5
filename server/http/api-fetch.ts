import 'server-only'
import type { Actor } from '@/server/auth/actor'
import { ActingRequest } from '@/server/auth/caller'
import type { LakeRequest } from '@/server/engines/sql-engine'
import { AddressIndex, decodeSegments } from './address-index'
import type { ServedEndpoint } from './handle-request'

/** Sends a request to an endpoint as the client of another request. */
export type ApiFetch = (client: Request, request: LakeRequest, signal: AbortSignal) => Promise<Response>

/** Sends a request to an endpoint as a user without a connection. */
export type ActorFetch = (actor: Actor, request: LakeRequest, signal: AbortSignal) => Promise<Response>

/** Headers that identify a client. */
const CLIENT_HEADERS = ['cookie', 'authorization', 'x-forwarded-for']
/** Other headers that the request may have. */
const REQUEST_HEADERS = ['content-type', 'cache-control', 'range']
/** Address of requests without a client, which never leave the process. */
const OWN_URL = 'http://localhost'

/**
 * Requests from within the server to some of its endpoints: with the same checks, permissions and log as over HTTP.
 *
 * @param endpoints all others are refused with an error
 */
export function createApiFetch(endpoints: readonly ServedEndpoint[]): ApiFetch {
  const send = createSend(endpoints)
  return async (client, fetched, signal) => {
    const identity = new Headers()
    for (const name of CLIENT_HEADERS) {
      const value = client.headers.get(name)
      if (value !== null) identity.set(name, value)
    }
    return await send(fetched, {
      base: client.url,
      signal,
      toRequest: (url, init, headers) => {
        for (const [name, value] of identity) headers.set(name, value)
        return new Request(url, { ...init, headers })
      },
    })
  }
}

/** Creates the same for work that no client waits for, such as a run. */
export function createActorFetch(endpoints: readonly ServedEndpoint[]): ActorFetch {
  const send = createSend(endpoints)
  return async (actor, fetched, signal) =>
    await send(fetched, {
      base: OWN_URL,
      signal,
      toRequest: (url, init, headers) => new ActingRequest(url, { ...init, headers }, actor),
    })
}

type SendOptions = {
  base: string
  signal: AbortSignal
  /** Identifies the client. */
  toRequest: (url: URL, init: RequestInit, headers: Headers) => Request
}

function createSend(endpoints: readonly ServedEndpoint[]) {
  const byMethod = new Map(
    [...Map.groupBy(endpoints, ({ endpoint }) => endpoint.method)].map(
      ([method, served]) =>
        [method as string, new AddressIndex(served.map((one) => [one.endpoint.path, one] as const))] as const,
    ),
  )
  return async (
    { method, url: path, headers, body }: LakeRequest,
    { base, signal, toRequest }: SendOptions,
  ): Promise<Response> => {
    const url = new URL(path, base)
    const found = byMethod.get(method)?.find(decodeSegments(url.pathname))
    if (found && url.origin === new URL(base).origin) {
      const sent = new Headers()
      for (const [name, value] of headers) if (REQUEST_HEADERS.includes(name.toLowerCase())) sent.set(name, value)
      const request = toRequest(url, { method, signal, ...(method !== 'GET' && { body }) }, sent)
      return await found.target.handle(request, { params: Promise.resolve(found.params) })
    }
    throw new Error(`A query may not send ${method} ${url.pathname}.`)
  }
}
