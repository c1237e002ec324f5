import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import { type ColumnCast, textColumn } from '../cast/column-cast'

/**
 * SQL over the members of records that were divided at their delimiters. A member is its prefix, its value, and what
 * ends it. Each expression fails for a member of another form, so a row that is read without failure consists of members
 * of the expected keys, each with one value of JSON: that is the only way to read it.
 */
export type Member = { column: string; prefix: string; end: string }

const OTHER_FORM = "error('a record has another form')"
/** As in `json-row-shapes`. */
const INTEGER = '-?(0|[1-9][0-9]*)'
const DECIMAL = `${INTEGER}([.][0-9]+)?`
const NUMBER = `${DECIMAL}([eE][+-]?[0-9]+)?`
const STRING = '"([^"\\\\\\x00-\\x1f]|\\\\(["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*"'

/** A condition for a member without a column: its value is JSON, and not nested. */
export function anyMember({ column, prefix, end }: Member): string {
  const value = valueBetween(column, prefix, end)
  const form = quoteLiteral(`${STRING}|${NUMBER}|true|false|null`)
  return `CASE WHEN ${beginsAndEnds(column, prefix, end)} AND regexp_full_match(${value}, ${form}) THEN true ELSE ${OTHER_FORM} END`
}

/**
 * The text of a value, as `rewriteJson` has it: null, a string without quotes and escapes, or another value as it is
 * written. Whether that is JSON is left to {@link memberCast}.
 */
export function memberText(type: PrimitiveType, { column, prefix, end }: Member): string {
  const isNull = `WHEN ${column} = ${quoteLiteral(`${prefix}null${end}`)} THEN NULL`
  if (valueForm(type) !== null) {
    const value = valueBetween(column, prefix, end)
    return `CASE ${isNull} WHEN ${beginsAndEnds(column, prefix, end)} THEN ${value} ELSE ${OTHER_FORM} END`
  }
  const [before, after] = [`${prefix}"`, `"${end}`]
  const value = valueBetween(column, before, after)
  // The quotes may be the same one.
  const isString = `${beginsAndEnds(column, before, after)} AND strlen(${column}) >= ${Buffer.byteLength(before + after)}`
  // Control characters are excluded for the whole file.
  const isPlain = `${isString} AND NOT contains(${value}, '"') AND NOT contains(${value}, '\\')`
  const isEscaped = `${isString} AND contains(${value}, '\\') AND NOT contains(${value}, '\\u0000')`
  return `CASE WHEN ${isPlain} THEN ${value} ${isNull}
    WHEN ${isEscaped} THEN json_extract_string('"' || ${value} || '"', '$') ELSE ${OTHER_FORM} END`
}

/** The cast of a text of {@link memberText}, which is bad unless it is JSON that its type accepts. */
export function memberCast(field: NestedField, type: PrimitiveType, raw: string): ColumnCast {
  const cast = textColumn(field, type, raw)
  const form = valueForm(type)
  if (form === null) return cast
  const pattern = (forms: string) => quoteLiteral(forms)
  const { isSurelyExact } = cast
  return {
    ...cast,
    ...(isSurelyExact && {
      isSurelyExact: (text, value) =>
        form === NUMBER
          ? `(${value} <> 0 AND NOT isinf(${value}) AND regexp_full_match(${text}, ${pattern(`${INTEGER}[.][0-9]+`)}))`
          : isSurelyExact(text, value),
    }),
    isBad: (text, value) =>
      `CASE WHEN NOT regexp_full_match(${text}, ${pattern(form)}) THEN true ELSE ${cast.isBad(text, value)} END`,
  }
}

/** The form of values that are not strings in JSON; null for strings. */
function valueForm(type: PrimitiveType): string | null {
  switch (parsePrimitive(type).kind) {
    case 'boolean':
      return 'true|false'
    case 'int':
    case 'long':
      return INTEGER
    case 'decimal':
      return DECIMAL
    case 'float':
    case 'double':
      return NUMBER
    default:
      return null
  }
}

function beginsAndEnds(column: string, before: string, after: string): string {
  const begins = `starts_with(${column}, ${quoteLiteral(before)})`
  return after === '' ? begins : `${begins} AND suffix(${column}, ${quoteLiteral(after)})`
}

function valueBetween(column: string, before: string, after: string): string {
  const start = [...before].length
  if (after === '') return `substr(${column}, ${start + 1})`
  return `substr(${column}, ${start + 1}, length(${column}) - ${start + [...after].length})`
}
