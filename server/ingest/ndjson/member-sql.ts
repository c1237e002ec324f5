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
export type Member = {
  /** Its column. */
  text: string
  /** The column of {@link memberValue}. */
  value: string
  prefix: string
  end: string
  /** Whether its value is a string in JSON, so that the quotes are parts around it. */
  isString: boolean
}

const OTHER_FORM = "error('a record has another form')"
/** As in `json-row-shapes`. */
const INTEGER = '-?(0|[1-9][0-9]*)'
const DECIMAL = `${INTEGER}([.][0-9]+)?`
const NUMBER = `${DECIMAL}([eE][+-]?[0-9]+)?`
const STRING = '"([^"\\\\\\x00-\\x1f]|\\\\(["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*"'

/** The text between the parts around a value, whether or not the member has them. */
export function memberValue(member: Member): string {
  const [before, after] = partsAround(member)
  const start = countCharacters(before)
  if (after === '') return `substr(${member.text}, ${start + 1})`
  return `substr(${member.text}, ${start + 1}, length(${member.text}) - ${start + countCharacters(after)})`
}

/** A condition for a member without a column: its value is JSON, and not nested. */
export function anyMember(member: Member): string {
  const form = quoteLiteral(`${STRING}|${NUMBER}|true|false|null`)
  return `CASE WHEN ${beginsAndEnds(member)} AND regexp_full_match(${member.value}, ${form}) THEN true ELSE ${OTHER_FORM} END`
}

/**
 * The text of a value, as `rewriteJson` has it: null, a string without quotes and escapes, or another value as it is
 * written. Whether that is JSON is left to {@link memberCast}.
 */
export function memberText(member: Member): string {
  const { text, value, prefix, end } = member
  const isNull = `WHEN ${text} = ${quoteLiteral(`${prefix}null${end}`)} THEN NULL`
  if (!member.isString) return `CASE ${isNull} WHEN ${beginsAndEnds(member)} THEN ${value} ELSE ${OTHER_FORM} END`
  // The quotes may be the same one.
  const isString = `${beginsAndEnds(member)} AND strlen(${text}) >= ${Buffer.byteLength(partsAround(member).join(''))}`
  // Control characters are excluded for the whole file.
  const isPlain = `${isString} AND NOT contains(${value}, '"') AND NOT contains(${value}, '\\')`
  const isEscaped = `${isString} AND contains(${value}, '\\') AND NOT contains(${value}, '\\u0000')`
  return `CASE WHEN ${isPlain} THEN ${value} ${isNull}
    WHEN ${isEscaped} THEN json_extract_string('"' || ${value} || '"', '$') ELSE ${OTHER_FORM} END`
}

export function isStringInJson(type: PrimitiveType): boolean {
  return valueForm(type) === null
}

/** The cast of a text of {@link memberText}, which is bad unless it is JSON that its type accepts. */
export function memberCast(field: NestedField, type: PrimitiveType, raw: string): ColumnCast {
  const cast = textColumn(field, type, raw)
  const form = valueForm(type)
  if (form === null) return cast
  const { isSurelyExact } = cast
  return {
    ...cast,
    ...(isSurelyExact && {
      isSurelyExact: (text, value) =>
        form === NUMBER
          ? `(${value} <> 0 AND NOT isinf(${value}) AND regexp_full_match(${text}, ${quoteLiteral(`${INTEGER}[.][0-9]+`)}))`
          : isSurelyExact(text, value),
    }),
    isBad: (text, value) =>
      `CASE WHEN NOT regexp_full_match(${text}, ${quoteLiteral(form)}) THEN true ELSE ${cast.isBad(text, value)} END`,
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

/** As DuckDB counts them. */
function countCharacters(text: string): number {
  return Array.from(text).length
}

function beginsAndEnds(member: Member): string {
  const [before, after] = partsAround(member)
  const begins = `starts_with(${member.text}, ${quoteLiteral(before)})`
  return after === '' ? begins : `${begins} AND suffix(${member.text}, ${quoteLiteral(after)})`
}

function partsAround({ prefix, end, isString }: Member): [before: string, after: string] {
  return isString ? [`${prefix}"`, `"${end}`] : [prefix, end]
}
