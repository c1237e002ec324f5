import 'server-only'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import { duckdbType, quoteLiteral, textShape } from '@/server/data-files/duckdb/column-type'
import { timestampMicrosSql, timestampNanosSql } from '@/server/data-files/duckdb/value-text'
import { writeDefaultText } from './json-column'
import { NANOSECOND_DAYS, NANOSECOND_END_DAYS, textPattern } from '@/lib/ingest/text-value'

/**
 * How one column of the table is computed from the input, in three steps of SQL: `raw` from the input, `value` from
 * `raw`, and `isBad` from both, so that each is computed once per row.
 */
export type ColumnCast = {
  field: NestedField
  /** From the input's relation. */
  raw: string
  value: (raw: string) => string
  /** True when the value is not exactly the raw one, or is null although it is required. Never null. */
  isBad: (raw: string, value: string) => string
  /** True for most values that are not bad, and cheaper than `isBad`; absent if nothing is cheaper. */
  isSurelyExact?: (raw: string, value: string) => string
  /** The raw value as text, for the rejects. */
  displayText: (raw: string) => string
  /** Why a rejected value does not fit, by its text, if its type does not say it; null otherwise. */
  reasonOf?: (text: string) => string | null
}

/** A column that the input does not have: its write default or null in every row. */
export function absentColumn(field: NestedField): ColumnCast {
  const text = writeDefaultText(field)
  if (text !== null) return textCast(field, quoteLiteral(text))
  return nullColumn(field)
}

/** A column that is null in every row. */
export function nullColumn(field: NestedField): ColumnCast {
  return {
    field,
    raw: `NULL::${duckdbType(field.type)}`,
    value: (raw) => raw,
    isBad: () => 'false',
    displayText: () => 'NULL',
  }
}

/** A column that is read as text. */
export function textCast(field: NestedField, raw: string): ColumnCast {
  return typeof field.type === 'string' ? textColumn(field, field.type, raw) : nestedTextColumn(field, raw)
}

/** A primitive column that is read as text; `text-value` says which texts it accepts. */
export function textColumn(field: NestedField, type: PrimitiveType, raw: string): ColumnCast {
  const isSurelyExact = surelyExactTest(type)
  return {
    field,
    raw,
    ...(isSurelyExact && { isSurelyExact }),
    value: (text) => textToValue(type, text),
    isBad: (text, value) => {
      const misfit = textMisfit(type, text, value)
      if (misfit === null) return field.required ? `(${text} IS NULL)` : 'false'
      return `CASE WHEN ${text} IS NULL THEN ${field.required} WHEN ${value} IS NULL THEN true ELSE ${misfit} END`
    },
    displayText: (text) => text,
  }
}

/** A nested column read as JSON in which every primitive is a string that is known to fit (`json-column`). */
function nestedTextColumn(field: NestedField, raw: string): ColumnCast {
  return {
    field,
    raw,
    value: (text) =>
      `TRY_CAST(from_json(${text}, ${quoteLiteral(jsonShape(textShape(field.type)))}) AS ${duckdbType(field.type)})`,
    isBad: (text, value) => `CASE WHEN ${text} IS NULL THEN ${field.required} ELSE ${value} IS NULL END`,
    displayText: (text) => text,
  }
}

/** `from_json` expects a type inside a JSON string. */
function jsonShape(shape: string): string {
  return JSON.stringify(shape)
}

function textToValue(type: PrimitiveType, text: string): string {
  if (type === 'string') return text
  // For text that is not hexadecimal, unhex returns an error, not null.
  if (type === 'binary') return `CASE WHEN regexp_full_match(${text}, ${patternText(type)}) THEN unhex(${text}) END`
  if (type === 'timestamp_ns' || type === 'timestamptz_ns') {
    const { first, last } = NANOSECOND_DAYS
    const endDays = NANOSECOND_END_DAYS.map(quoteLiteral).join(', ')
    return `CASE WHEN left(${text}, 10) BETWEEN '${first}' AND '${last}' THEN TRY_CAST(${text} AS TIMESTAMP_NS)
      WHEN left(${text}, 10) IN (${endDays}) THEN ${textToEndNanos(type, text)} END`
  }
  if (type === 'unknown') return 'NULL::VARCHAR'
  const usual = `TRY_CAST(${text} AS ${duckdbType(type)})`
  const { kind } = parsePrimitive(type)
  if (kind !== 'date' && kind !== 'timestamp' && kind !== 'timestamptz') return usual
  return `CASE WHEN ${hasSign(text)} THEN ${signedTextToValue(kind, text)} ELSE ${usual} END`
}

/** Whether the year has a sign, as only years have that four digits cannot name. */
function hasSign(text: string): string {
  return `left(${text}, 1) IN ('+', '-')`
}

/** A date or a time of any year of its type. DuckDB's cast ends before the range does, and refuses a plus. */
function signedTextToValue(type: 'date' | 'timestamp' | 'timestamptz', text: string): string {
  if (type === 'date')
    return `CASE ${text} WHEN '+5881580-07-11' THEN 'infinity'::DATE WHEN '-5877641-06-24' THEN '-infinity'::DATE
      WHEN '-5877641-06-23' THEN DATE '1970-01-01' + (-2147483648)::INTEGER ELSE TRY_CAST(ltrim(${text}, '+') AS DATE) END`
  const day = `TRY_CAST(regexp_extract(${text}, '^[+]?(-?[0-9]+-[0-9]{2}-[0-9]{2})', 1) AS DATE)`
  const clock = `epoch_us(TRY_CAST(regexp_extract(${text}, '[T ]([0-9:.]+)', 1) AS TIME))`
  const part = (group: number) =>
    `coalesce(TRY_CAST(regexp_extract(${text}, '[T ].*([+-])([0-9]{2}):?([0-9]{2})?$', ${group}) AS BIGINT), 0)`
  const sign = `CASE regexp_extract(${text}, '[T ].*([+-])[0-9]{2}', 1) WHEN '-' THEN -1 ELSE 1 END`
  const offset = type === 'timestamp' ? '0' : `${sign} * (${part(2)} * 60 + ${part(3)}) * 60000000`
  const micros = `(${day} - DATE '1970-01-01')::HUGEINT * 86400000000 + ${clock} - ${offset}`
  return timestampMicrosSql(type, micros)
}

/** A time on a day on which the range of nanoseconds begins or ends, where DuckDB's own cast fails. */
function textToEndNanos(type: PrimitiveType, text: string): string {
  const whole = `regexp_replace(${text}, '([.][0-9]{6})[0-9]+', '\\1')`
  const micros = `epoch_us(TRY_CAST(${whole} AS ${type === 'timestamp_ns' ? 'TIMESTAMP' : 'TIMESTAMPTZ'}))`
  const nanos = `rpad(left(regexp_extract(${text}, '[.][0-9]{6}([0-9]+)', 1), 3), 3, '0')::BIGINT`
  return timestampNanosSql(`${micros}::HUGEINT * 1000 + ${nanos}`)
}

/** See {@link ColumnCast.isSurelyExact}. */
function surelyExactTest(type: PrimitiveType): ColumnCast['isSurelyExact'] {
  switch (type) {
    case 'float':
    case 'double':
      return (text, value) =>
        `(${value} <> 0 AND NOT isinf(${value}) AND regexp_full_match(${text}, ${PLAIN_DECIMALS}))`
    case 'boolean':
      // Without another text for each value.
      return (text) => `(${text} IN ('true', 'false'))`
    case 'date':
      return (text, value) => `(${value}::VARCHAR = ${text} AND ${value} BETWEEN ${CALENDAR.date})`
    case 'timestamp':
      return (text, value) => `(${value}::VARCHAR = ${text} AND ${value} BETWEEN ${CALENDAR.timestamp})`
    case 'string':
    case 'binary':
    case 'unknown':
    case 'time':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return undefined
    default:
      return (text, value) => `${value}::VARCHAR = ${text}`
  }
}

const PLAIN_DECIMALS = "'-?[0-9]+[.][0-9]+'"
/** The years that texts without a sign can name. */
const CALENDAR = {
  date: "DATE '0001-01-01' AND DATE '9999-12-31'",
  timestamp: "TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'",
  timestamptz: "TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'",
}

/** For a text and a value that are not null: whether the value differs from the text's value. Null: never. */
function textMisfit(type: PrimitiveType, text: string, value: string): string | null {
  const isOtherForm = `NOT regexp_full_match(${text}, ${patternText(type)})`
  // Writing a number back is cheaper than matching a pattern, and if the text is the same, the value is exact.
  const unlessSame = `CASE WHEN ${value}::VARCHAR = ${text} THEN false ELSE ${isOtherForm} END`
  const unlessSigned = (misfit: string) => `CASE WHEN ${hasSign(text)} THEN ${isOtherForm} ELSE ${misfit} END`
  switch (type) {
    case 'string':
      return null
    case 'binary':
      return 'false'
    case 'boolean':
      return `CASE WHEN ${text} IN ('true', 'false') THEN false ELSE ${isOtherForm} END`
    case 'float':
    case 'double':
      return floatMisfit(text, value, isOtherForm)
    case 'date':
      return unlessSigned(`(${value} NOT BETWEEN ${CALENDAR.date} OR ${value}::VARCHAR <> ${text})`)
    case 'timestamp':
      return unlessSigned(`(${value} NOT BETWEEN ${CALENDAR.timestamp} OR ${unlessSame})`)
    case 'timestamptz':
      return unlessSigned(`(${value} NOT BETWEEN ${CALENDAR.timestamptz} OR ${isOtherForm})`)
    case 'time':
    case 'timestamptz_ns':
      return isOtherForm
    case 'timestamp_ns':
      // DuckDB has no text for times before this day.
      return `CASE WHEN ${value} >= TIMESTAMP_NS '1677-09-22 00:00:00' THEN ${unlessSame} ELSE ${isOtherForm} END`
    default:
      return unlessSame
  }
}

/** A decimal text means the nearest value. A whole number means itself, and a nonzero number must not become zero. */
function floatMisfit(text: string, value: string, isOtherForm: string): string {
  const isLost = `isinf(${value}) OR (${value} = 0 AND regexp_matches(${text}, '^[^eE]*[1-9]'))`
  const isSameWhole = `TRY_CAST(${value} AS DECIMAL(38, 0)) = TRY_CAST(${text} AS DECIMAL(38, 0))`
  return `CASE
    WHEN regexp_full_match(${text}, ${PLAIN_DECIMALS}) THEN ${isLost}
    WHEN ${isOtherForm} THEN true
    WHEN regexp_full_match(${text}, '[+-]?[0-9]+') THEN NOT coalesce(${isSameWhole}, false)
    ELSE (${isLost}) AND NOT regexp_matches(${text}, '[nN]') END`
}

function patternText(type: PrimitiveType): string {
  return quoteLiteral(textPattern(type) ?? '.*')
}
