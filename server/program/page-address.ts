import 'server-only'

/** Set by `proxy.ts` on every page request: the address asked for, path and query. */
export const PAGE_ADDRESS_HEADER = 'x-lakeshore-page'
