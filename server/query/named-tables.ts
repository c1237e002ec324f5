import 'server-only'
import { LRUCache } from 'lru-cache'
import { AppError } from '@/lib/errors'
import { isSymbol, type Token, tokenKeyword, tokenName } from '@/lib/query/statement/tokenize'
import { checkReadOnly } from '@/lib/query/statement/read-only'
import { requireClosed, splitStatements } from '@/lib/query/statement/statements'
import { findTableReferences } from '@/lib/query/tables/table-references'
import type { SavedQuery } from '@/server/db/query/saved-queries'
import { createTurns } from '@/server/timing/take-turns'

/** The names that a text reads, each once and as written. Null: only users who may read everything may see the text. */
export type NamedTables = readonly (readonly string[])[] | null

/** The most different tables that a text may name to be shown by them: a permission is looked up for each. */
export const MAX_NAMED_TABLES = 200
const MAX_CACHE_BYTES = 64 * 1024 * 1024
const ENTRY_BYTES = 300
const PART_BYTES = 64

/**
 * Null for a text that is not SQL, has no statement, does more than read, reads a file, or may name tables in another
 * way, such as after a misspelt FROM.
 */
export function readNamedTables(sql: string): NamedTables {
  const names = new Map<string, readonly string[]>()
  try {
    const statements = splitStatements(sql)
    const last = statements.at(-1)
    if (!last) return null
    requireClosed(sql, last)
    for (const { tokens } of statements) {
      if (tokens.some(isNotUnderstood)) return null
      checkReadOnly(tokens)
      const references = findTableReferences(tokens, CLOCK)
      if (references.length === 0 && hasNameWithoutFrom(tokens)) return null
      for (const { parts, file } of references) {
        if (file || parts.length < 2) return null
        names.set(JSON.stringify(parts), parts)
        if (names.size > MAX_NAMED_TABLES) return null
      }
    }
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
  return [...names.values()]
}

/** Any time may be named, because no table is read. */
const CLOCK = { requiresZone: true, nowMs: Number.POSITIVE_INFINITY }

/** Tokens that the references of a statement do not cover: names in the quotes of Spark, and `TABLE t` in place of a query. */
function isNotUnderstood(token: Token): boolean {
  return isSymbol(token, '`') || tokenKeyword(token) === 'TABLE'
}

/** Whether a statement has a name of two parts and no FROM: it may be that of a table, and is not of a column. */
function hasNameWithoutFrom(tokens: readonly Token[]): boolean {
  return (
    tokens.every((token) => tokenKeyword(token) !== 'FROM') &&
    tokens.some(
      (token, i) => tokenName(token) !== null && isSymbol(tokens[i + 1], '.') && tokenName(tokens[i + 2]) !== null,
    )
  )
}

type QueryVersion = Pick<SavedQuery, 'queryId' | 'version'>

/** The tables that saved queries name: a text is read once for each version of its query. */
export class NamedTablesCache {
  readonly #byVersion: LRUCache<string, { names: NamedTables }>
  readonly #read: (sql: string) => NamedTables
  /** For reading many texts. */
  readonly takeTurns = createTurns()

  constructor(read = readNamedTables, maxBytes = MAX_CACHE_BYTES) {
    this.#read = read
    this.#byVersion = new LRUCache({ maxSize: maxBytes })
  }

  /** Undefined if the text has to be read. */
  find({ queryId, version }: QueryVersion): NamedTables | undefined {
    return this.#byVersion.get(toKey(queryId, version))?.names
  }

  read({ queryId, version, sql }: QueryVersion & Pick<SavedQuery, 'sql'>): NamedTables {
    const known = this.find({ queryId, version })
    if (known !== undefined) return known
    const names = this.#read(sql)
    this.#byVersion.set(toKey(queryId, version), { names }, { size: sizeOf(names) })
    return names
  }
}

function toKey(queryId: string, version: number): string {
  return `${queryId} ${version}`
}

function sizeOf(names: NamedTables): number {
  const parts = names?.flat() ?? []
  return parts.reduce((bytes, part) => bytes + PART_BYTES + 2 * part.length, ENTRY_BYTES)
}
