import 'server-only'
import { ENDPOINTS, type Endpoint, METADATA_ENDPOINTS } from './endpoints'

/** Limits of a response, by kind of request. Only a broken or hostile catalog sends more than this. */
export type ResponseLimits = {
  maxBytes: number
  /** Number of JSON values: each costs about 200 bytes of memory, however short its text is. */
  maxValues: number
}

const MIB = 1024 * 1024

/** The limits of the exact JSON reader. Metadata with 10,000 snapshots takes about 10 MB. */
export const METADATA_LIMITS: ResponseLimits = { maxBytes: 256 * MIB, maxValues: 8_000_000 }
/** Defaults, overrides and the names of about forty endpoints. */
export const CONFIG_LIMITS: ResponseLimits = { maxBytes: MIB, maxValues: 20_000 }
/** 200,000 names on one page, as catalogs without paging send them, each in a namespace of a few levels. */
const LIST_LIMITS: ResponseLimits = { maxBytes: 32 * MIB, maxValues: 2_000_000 }
/** Properties of a namespace, or credentials for a table's files. */
const SMALL_LIMITS: ResponseLimits = { maxBytes: 4 * MIB, maxValues: 100_000 }
/** A message, a type and a code, with a stack trace of at most a few hundred lines. */
export const ERROR_LIMITS: ResponseLimits = { maxBytes: MIB, maxValues: 10_000 }

/** Limit of all pages of a list together. */
export const MAX_LIST_CHARS = 64 * MIB

const LIST_ENDPOINTS: ReadonlySet<Endpoint> = new Set([
  ENDPOINTS.listNamespaces,
  ENDPOINTS.listTables,
  ENDPOINTS.listViews,
])

export function responseLimitsOf(endpoint: Endpoint): ResponseLimits {
  if (METADATA_ENDPOINTS.has(endpoint)) return METADATA_LIMITS
  return LIST_ENDPOINTS.has(endpoint) ? LIST_LIMITS : SMALL_LIMITS
}

/** Memory for one connection, in addition to its longest response: see `MemoryPool`. */
export const CONNECTION_FREE_BYTES = 64 * MIB
