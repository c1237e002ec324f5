import type { QueryClient } from '@tanstack/react-query'
import type { PageTransport } from '@/lib/api/request'

const transports = new WeakMap<QueryClient, PageTransport>()

/** The queries of this client are sent with `transport` instead of `fetch`. */
export function setPageTransport(client: QueryClient, transport: PageTransport): void {
  transports.set(client, transport)
}

export function findPageTransport(client: QueryClient): PageTransport | undefined {
  return transports.get(client)
}
