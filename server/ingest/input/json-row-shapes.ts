import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Schema, Type } from '@/lib/iceberg/schema/types'
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

/** The shapes seen so far in one input. */
export class JsonRowShapes {
  readonly #schema: Schema
  readonly #absent: readonly CsvField[]
  readonly #shapes = new Map<string, { row: RegExp; groupIndexes: readonly (number | null)[] }>()

  /** @param absent for each column of the schema, its value in rows without its key */
  constructor(schema: Schema, absent: readonly CsvField[]) {
    this.#schema = schema
    this.#absent = absent
  }

  /** A text or null for each column of the schema; null when no known shape matches. */
  read(text: string): CsvField[] | null {
    if (text.length > MAX_ROW_CHARS) return null
    for (const { row, groupIndexes } of this.#shapes.values()) {
      const found = row.exec(text)
      if (found)
        return groupIndexes.map((groupIndex, i) => (groupIndex === null ? this.#absent[i] : found[groupIndex]) ?? null)
    }
    return null
  }

  /** @param keys of a row that was read through the slow path, in order */
  addShape(keys: readonly string[]): void {
    const name = JSON.stringify(keys)
    if (this.#shapes.size >= MAX_SHAPES || this.#shapes.has(name)) return
    const { fields } = this.#schema
    const members = keys.map((key) => memberPattern(key, fields.find((field) => field.name === key)?.type ?? null))
    this.#shapes.set(name, {
      row: new RegExp(`^${SPACE}\\{${SPACE}${members.join(`,${SPACE}`)}\\}${SPACE}$`),
      // Group 0 is the whole match.
      groupIndexes: fields.map((field) => (keys.includes(field.name) ? keys.indexOf(field.name) + 1 : null)),
    })
  }
}

function memberPattern(key: string, type: Type | null): string {
  return `${escapeRegExp(JSON.stringify(key))}${SPACE}:${SPACE}(?:${valuePattern(type)}|null)${SPACE}`
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

function ungroup(pattern: string): string {
  return pattern.replace('(', '(?:')
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}
