import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Type } from '@/lib/iceberg/schema/types'
import type { CsvField } from '@/lib/ingest/csv-records'

/**
 * Rows of NDJSON are mostly alike: the same keys in the same order, values of one kind each. Such a row is read with
 * one generated regular expression, in less than half the time of reading token by token. The expression matches only
 * rows that the slow path would read with the same result. All other rows (other keys, escapes, a duplicate key, a
 * number in a string, an exponent) go through the slow path, which learns new shapes from them and reports errors.
 */

const SPACE = '[ \\t\\r\\n]*'
const STRING = '"([ !#-[\\]-\\uffff]*)"'
const INTEGER = '(-?(?:0|[1-9][0-9]*))'
const DECIMAL = '(-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?)'
const NUMBER = '(-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?)'

/** The expression stores a backtracking position for each character of a text. */
const MAX_ROW_CHARS = 65_536
const MAX_SHAPES = 8

/**
 * A column as it is read from rows: the key that fills it, if one does, and its value in rows without the key. A column
 * without a type has the plain text of any value that is not nested.
 */
export type JsonRowColumn = { key: string | null; type: Type | null; absent: CsvField }

/** The shapes seen so far in one input. */
export class JsonRowShapes {
  readonly #columns: readonly JsonRowColumn[]
  readonly #absent: readonly CsvField[]
  readonly #shapes = new Map<string, { row: RegExp; groupIndexes: readonly (number | null)[]; hasTokens: boolean }>()

  /** @param columns in the order of their values; no two with a type have the same key */
  constructor(columns: readonly JsonRowColumn[]) {
    this.#columns = columns
    this.#absent = columns.map(({ absent }) => absent)
  }

  /** A text or null for each column; null when no known shape matches. */
  read(text: string): CsvField[] | null {
    if (text.length > MAX_ROW_CHARS) return null
    for (const { row, groupIndexes, hasTokens } of this.#shapes.values()) {
      const found = row.exec(text)
      if (!found) continue
      const values = groupIndexes.map(
        (groupIndex, i) => (groupIndex === null ? this.#absent[i] : found[groupIndex]) ?? null,
      )
      return hasTokens ? this.#withoutQuotes(values, groupIndexes) : values
    }
    return null
  }

  /** @param keys of a row that was read through the slow path, in order */
  addShape(keys: readonly string[]): void {
    const name = JSON.stringify(keys)
    if (this.#shapes.size >= MAX_SHAPES || this.#shapes.has(name)) return
    const columns = this.#columns
    const patterns = keys.map((key) => {
      const ofKey = columns.filter((column) => column.key === key)
      const type = ofKey.find((column) => column.type !== null)?.type ?? null
      return type === null && ofKey.length > 0 ? ANY_TOKEN : valuePattern(type)
    })
    const members = keys.map((key, i) => memberPattern(key, patterns[i] ?? ''))
    this.#shapes.set(name, {
      row: new RegExp(`^${SPACE}\\{${SPACE}${members.join(`,${SPACE}`)}\\}${SPACE}$`),
      // Group 0 is the whole match.
      groupIndexes: columns.map(({ key }) => (key !== null && keys.includes(key) ? keys.indexOf(key) + 1 : null)),
      hasTokens: patterns.includes(ANY_TOKEN),
    })
  }

  /** A column without a type was read with its quotes, unless a column with a type has the same key. */
  #withoutQuotes(values: CsvField[], groupIndexes: readonly (number | null)[]): CsvField[] {
    const typed = new Set(groupIndexes.filter((_index, i) => this.#columns[i]?.type !== null))
    return values.map((value, i) =>
      value !== null && this.#columns[i]?.type === null && !typed.has(groupIndexes[i] ?? 0) && value.startsWith('"')
        ? value.slice(1, -1)
        : value,
    )
  }
}

function memberPattern(key: string, pattern: string): string {
  return `${escapeRegExp(JSON.stringify(key))}${SPACE}:${SPACE}(?:${pattern}|null)${SPACE}`
}

/** One capture group each. Like the slow path, it distinguishes `true` and numbers from strings by the type. */
function valuePattern(type: Type | null): string {
  // The value is ignored, but it has to be JSON: any token except nested ones.
  if (type === null) return `(?:${ungroup(STRING)}|${ungroup(NUMBER)}|true|false)()`
  // Never used: rows with nested columns go through the slow path.
  if (typeof type !== 'string') return '(?!)()'
  switch (parsePrimitive(type).kind) {
    case 'boolean':
      return '(true|false)'
    case 'int':
    case 'long':
      return INTEGER
    case 'decimal':
      return DECIMAL
    case 'float':
    case 'double':
      return NUMBER
    default:
      return STRING
  }
}

/** Any token except nested ones, with its quotes. */
const ANY_TOKEN = `(${ungroup(STRING)}|${ungroup(NUMBER)}|true|false)`

function ungroup(pattern: string): string {
  return pattern.replace('(', '(?:')
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}
