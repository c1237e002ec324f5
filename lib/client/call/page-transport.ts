import type { QueryClient } from '@tanstack/react-query'
import type { Endpoint } from '@/lib/contract/endpoint'

/** Sends a request for an endpoint where there is no browser: while the server renders a page. */
export type PageTransport = (
  endpoint: Pick<Endpoint, 'method' | 'path' | 'permission'>,
  url: string,
  init: RequestInit,
) => Promise<Response>

const transports = new WeakMap<QueryClient, PageTransport>()

/** The queries of this client are sent with `transport` instead of `fetch`. */
export function setPageTransport(client: QueryClient, transport: PageTransport): void {
  transports.set(client, transport)
}

export function findPageTransport(client: QueryClient): PageTransport | undefined {
  return transports.get(client)
}
