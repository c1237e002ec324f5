import 'server-only'
import { MemoryPool } from '@/server/http-out/memory-pool'
import { ENDPOINTS, type Endpoint, METADATA_ENDPOINTS } from './endpoints'

/**
 * What an answer may come to, by what was asked for: a catalog that is broken or hostile says nothing that is true in
 * more bytes than this.
 */
export type ResponseLimits = {
  maxBytes: number
  /** JSON values: each costs some 200 bytes however short it is written. */
  maxValues: number
}

const MIB = 1024 * 1024

/** As much as the exact JSON reader takes: metadata of 10,000 snapshots is some ten megabytes. */
export const METADATA_LIMITS: ResponseLimits = { maxBytes: 256 * MIB, maxValues: 8_000_000 }
/** Defaults, overrides and the names of some forty endpoints. */
export const CONFIG_LIMITS: ResponseLimits = { maxBytes: MIB, maxValues: 20_000 }
/** 200,000 names on one page, as catalogs without paging send them, each in a namespace of a few levels. */
const LIST_LIMITS: ResponseLimits = { maxBytes: 32 * MIB, maxValues: 2_000_000 }
/** Properties of a namespace, credentials for a table's files. */
const SMALL_LIMITS: ResponseLimits = { maxBytes: 4 * MIB, maxValues: 100_000 }
/** A message, a type and a code, with a stack of some hundred lines at most. */
export const ERROR_LIMITS: ResponseLimits = { maxBytes: MIB, maxValues: 10_000 }

/** Names on all pages of a list together. */
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

/** Of one connection, beside its longest answer: see {@link MemoryPool}. */
export const CONNECTION_FREE_BYTES = 64 * MIB
const PROCESS_FREE_BYTES = 256 * MIB

/** One for both copies of this module in the web server's process. */
const processWide = globalThis as typeof globalThis & { lakeshoreResponsePool?: MemoryPool }

/** Of all connections together. */
export function processPool(): MemoryPool {
  processWide.lakeshoreResponsePool ??= new MemoryPool(PROCESS_FREE_BYTES)
  return processWide.lakeshoreResponsePool
}
