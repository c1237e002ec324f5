import type { QueryRequest, QueryResult } from '@/lib/query/engine'
import { findParameterNames } from '@/lib/query/parameters'
import { isVolatile } from '@/lib/query/statement/volatile'
import type { PreparedQuery } from './prepared-query'

/** Results of the tabs are in memory, too: these only save a second run. */
const MAX_RESULTS = 40
const MAX_BYTES = 64 * 1024 * 1024

/** A result, and when its rows were read. */
type CachedResult = { result: QueryResult; readAtMs: number }

export type ResultCache = ReturnType<typeof createResultCache>

/** The last results of a page, which belongs to one person; least recently used ones make room for others. */
export function createResultCache({ maxResults = MAX_RESULTS, maxBytes = MAX_BYTES } = {}) {
  const results = new Map<string, CachedResult>()
  let isClosed = false
  const heldBytes = () => [...results.values()].reduce((sum, { result }) => sum + result.resultBytes, 0)

  return {
    find(key: string): CachedResult | null {
      const found = results.get(key)
      if (found === undefined) return null
      results.delete(key)
      results.set(key, found)
      return found
    },
    add(key: string, result: QueryResult): void {
      // A result that fills the cache alone would cost all others.
      if (isClosed || result.resultBytes > maxBytes / 2) return
      results.delete(key)
      results.set(key, { result, readAtMs: Date.now() })
      for (const oldest of results.keys()) {
        if (results.size <= maxResults && heldBytes() <= maxBytes) return
        results.delete(oldest)
      }
    },
    /**
     * Called before the user signs out: results are no longer stored, including the result of a query that still runs.
     */
    close(): void {
      isClosed = true
      results.clear()
    },
  }
}

/**
 * The key of all inputs that decide the rows of a statement: its text without comments and white space, its parameters,
 * and the tables at their snapshots. Null if the rows depend on others: volatile functions, files, metadata tables, the
 * engine's own plan.
 */
export function resultKey(
  { statement: { tokens }, needs, views, isText }: PreparedQuery,
  { parameters = [], maxRows }: Pick<QueryRequest, 'parameters' | 'maxRows'>,
): string | null {
  if (isText || needs.length === 0) return null
  if (needs.some(({ scan }) => scan.snapshotId === null || scan.metadataRows !== undefined)) return null
  if (isVolatile(tokens) || views.some((view) => isVolatile(view.statement.tokens))) return null
  const names = new Set(findParameterNames(tokens).map((name) => name.toLowerCase()))
  return JSON.stringify([
    tokens.map(({ text }) => text),
    parameters.filter(({ name }) => names.has(name.toLowerCase())),
    needs.map(({ scan }) => scan.key),
    views.map(({ localName, sql }) => [localName, sql]),
    maxRows,
  ])
}
