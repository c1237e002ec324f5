import 'server-only'

/** Options of every request to a catalog. */
export type RequestOptions = { signal?: AbortSignal }
