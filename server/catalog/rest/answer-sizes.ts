import 'server-only'
import { RoomPool } from '@/server/http-out/answer-room'
import { ENDPOINTS, type Endpoint, WITH_METADATA } from './rest-endpoints'

/**
 * What an answer may come to, by what was asked for: a catalog that is broken or hostile says nothing that is true in
 * more bytes than this.
 */
export type AnswerSize = {
  bytes: number
  /** JSON values: each costs some 200 bytes however short it is written. */
  values: number
}

const MIB = 1024 * 1024

/** As much as the exact JSON reader takes: metadata of 10,000 snapshots is some ten megabytes. */
export const METADATA_ANSWER: AnswerSize = { bytes: 256 * MIB, values: 8_000_000 }
/** Defaults, overrides and the names of some forty endpoints. */
export const CONFIG_ANSWER: AnswerSize = { bytes: MIB, values: 20_000 }
/** 200,000 names on one page, as catalogs without paging send them, each in a namespace of a few levels. */
const LIST_ANSWER: AnswerSize = { bytes: 32 * MIB, values: 2_000_000 }
/** Properties of a namespace, credentials for a table's files. */
const SMALL_ANSWER: AnswerSize = { bytes: 4 * MIB, values: 100_000 }
/** A message, a type and a code, with a stack of some hundred lines at most. */
export const ERROR_ANSWER: AnswerSize = { bytes: MIB, values: 10_000 }

/** Names on all pages of a list together. */
export const MAX_LIST_CHARS = 64 * MIB

const LISTS: ReadonlySet<Endpoint> = new Set([ENDPOINTS.listNamespaces, ENDPOINTS.listTables, ENDPOINTS.listViews])

export function answerSizeOf(endpoint: Endpoint): AnswerSize {
  if (WITH_METADATA.has(endpoint)) return METADATA_ANSWER
  return LISTS.has(endpoint) ? LIST_ANSWER : SMALL_ANSWER
}

/** Of one connection, beside its longest answer: see {@link RoomPool}. */
export const CONNECTION_FREE_BYTES = 64 * MIB
const PROCESS_FREE_BYTES = 256 * MIB

/** One for both copies of this module in the web server's process. */
const processWide = globalThis as typeof globalThis & { lakeshoreAnswerRoom?: RoomPool }

/** Of all connections together. */
export function processRoom(): RoomPool {
  processWide.lakeshoreAnswerRoom ??= new RoomPool(PROCESS_FREE_BYTES)
  return processWide.lakeshoreAnswerRoom
}
