import 'server-only'

/** Set by `proxy.ts` on every page request: the requested address, path and query. */
export const PAGE_ADDRESS_HEADER = 'x-lakeshore-page'
