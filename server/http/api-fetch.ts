import 'server-only'
import type { FetchedRequest } from '@/server/query/process/messages'
import type { ServedEndpoint } from './handle-request'

/** Sends a request to an endpoint as the client of another request. */
export type ApiFetch = (client: Request, request: FetchedRequest, signal: AbortSignal) => Promise<Response>

/** What identifies a client. */
const CLIENT_HEADERS = ['cookie', 'authorization', 'x-forwarded-for']
/** What may be said about a request otherwise. */
const REQUEST_HEADERS = ['content-type', 'cache-control', 'range']

/**
 * Requests from within the server to some of its endpoints: with the same checks, permissions and log as over HTTP.
 *
 * @param endpoints all others are refused with an error
 */
export function createApiFetch(endpoints: readonly ServedEndpoint[]): ApiFetch {
  const targets = endpoints.map(({ endpoint: { method, path }, handle }) => ({
    method,
    handle,
    names: [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name),
    pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '([^/]+)')}$`),
  }))
  return async (client, { method, url: path, headers, body }, signal) => {
    const url = new URL(path, client.url)
    for (const target of targets) {
      const values = target.method === method ? target.pattern.exec(url.pathname)?.slice(1) : undefined
      if (values === undefined || url.origin !== new URL(client.url).origin) continue
      const sent = new Headers()
      for (const [name, value] of headers) if (REQUEST_HEADERS.includes(name.toLowerCase())) sent.set(name, value)
      for (const name of CLIENT_HEADERS) {
        const value = client.headers.get(name)
        if (value !== null) sent.set(name, value)
      }
      const params = Object.fromEntries(values.map((value, i) => [target.names[i] ?? '', decodeURIComponent(value)]))
      const request = new Request(url, { method, headers: sent, signal, ...(method !== 'GET' && { body }) })
      return await target.handle(request, { params: Promise.resolve(params) })
    }
    throw new Error(`A query may not send ${method} ${url.pathname}.`)
  }
}
