import { AppError } from '@/lib/errors'
import { isRecord, parseJsonOrNull } from '@/lib/plain-json'
import { type SqlRange, sqlError } from '../statement/sql-error'
import type { Token } from '../statement/tokenize'

/** DuckDB's error as JSON (`SET errors_as_json = true`). It is read without zod, which no page needs for a query. */
type DuckdbError = {
  exception_type: string
  exception_message: string
  /** Digits. */
  position?: string
  candidates?: string
}

/**
 * A failure of DuckDB as an error to show, with its position in the user's text.
 *
 * @param toSource maps a UTF-8 byte position in the SQL that ran to a position in the text as written; null if the
 *   position may be in another text, and then it is left out
 * @param tokens of the text as written: the whole word at the position is underlined
 */
export function toQueryError(
  error: unknown,
  toSource: ((byteOffset: number) => number) | null,
  tokens: readonly Token[],
): AppError {
  if (error instanceof AppError) return error
  const message = error instanceof Error ? error.message : String(error)
  const json = parseErrorJson(message)
  if (json === null) {
    if (isOutOfMemory(message)) return outOfMemoryError(error)
    return new AppError('query-failed', message.split('\n')[0] ?? message, { cause: error })
  }
  if (json.exception_type === 'Out of Memory') return outOfMemoryError(error)
  const [first = '', ...rest] = json.exception_message.split('\n')
  const detail = `${json.exception_type} error: ${first}`
  const refusal = zoneRefusal(json) ?? extensionRefusal(json)
  if (refusal !== null)
    return new AppError('query-failed', refusal.detail, { cause: error, facts: { hint: refusal.hint } })
  const hint = overflowHint(json) ?? toHint(json.candidates, rest)
  if (json.position === undefined || toSource === null)
    return new AppError('query-failed', detail, { cause: error, ...(hint !== undefined && { facts: { hint } }) })
  return sqlError(detail, findRange(toSource(Number(json.position)), tokens), hint)
}

/**
 * Explains an operation with time zones that the browser's DuckDB lacks, and its replacement; null for any other
 * failure.
 */
function zoneRefusal({ exception_type: type, exception_message: message }: DuckdbError) {
  const refused = /lakeshore: not supported: ([^"]+)/.exec(message)?.[1]
  if (refused !== undefined) {
    const [what = '', instead = ''] = refused.split(': ')
    return { detail: `Query does not support ${what}.`, hint: `${instead.charAt(0).toUpperCase()}${instead.slice(1)}.` }
  }
  if (/Macro \S+\(\) has multiple overloads/.test(message))
    return {
      detail: 'DuckDB in this browser does not know the type of a value here, because a time with a zone is near it.',
      hint: 'Write its type, such as value::timestamp, or compute it in a subquery.',
    }
  const series = /'(?:\w+\.)*(range|generate_series)\([^']*TIMESTAMP WITH TIME ZONE/.exec(message)?.[1]
  if (series !== undefined)
    return {
      detail: `DuckDB in this browser has no ${series} of a timestamptz.`,
      hint: `Write ${series}((column at time zone 'UTC'), (column at time zone 'UTC'), step), whose values are times of UTC, or run the query on the server.`,
    }
  const castType = /Unimplemented type for cast \(TIMESTAMP WITH TIME ZONE -> (\w+)\)/.exec(message)?.[1]
  if (castType !== undefined)
    return {
      detail: `Query does not support this cast of a timestamptz to ${castType}.`,
      hint: `Cast the clock of a zone, such as (column AT TIME ZONE 'UTC')::${castType.toLowerCase()}. Within a list, cast its values one by one with list_transform.`,
    }
  if (/column "?lakeshore_/.test(message))
    return {
      detail: 'Query does not support calculations with aggregates in HAVING next to times with a zone.',
      hint: 'Compute them in a subquery, and write the condition in the WHERE around it.',
    }
  const isIcu = type === 'Extension Autoloading' && message.includes("'icu'")
  if (!isIcu && !message.includes('ICU extension') && !message.includes('exists in the icu extension')) return null
  return {
    detail: 'DuckDB in this browser cannot do this with a timestamp with time zone.',
    hint: "Write a column as ::timestamp or AT TIME ZONE 'UTC', and a text with its offset instead of a zone’s name.",
  }
}

/** Explains a function or type of an extension of DuckDB, none of which Query has; null for any other failure. */
function extensionRefusal({ exception_message: message }: DuckdbError) {
  const missing = /^(.+?) with name "?([^"\s]+)"? is not in the catalog, but it exists in the (\w+) extension/.exec(
    message,
  )
  const [, kind = '', name = '', extension = ''] = missing ?? []
  if (missing === null) return null
  if (extension === 'json')
    return {
      detail: `Query has no JSON type and no JSON functions: DuckDB in this browser is without them (${name}).`,
      hint: `Read a value from JSON text with regexp_extract(column, '"name": *"([^"]*)"', 1), or use another engine.`,
    }
  return {
    detail: `Query does not have the ${kind.toLowerCase()} ${name}: it is in the extension ${extension} of DuckDB.`,
    hint: 'Write it with functions that completion offers, or use another engine.',
  }
}

/** DuckDB's message for its own failure, in one line; null for any other error. */
export function duckdbMessage(error: unknown): string | null {
  const json = error instanceof Error ? parseErrorJson(error.message) : null
  return json?.exception_message.split('\n')[0] ?? null
}

function parseErrorJson(message: string): DuckdbError | null {
  const start = message.indexOf('{')
  if (start < 0) return null
  // Other text is a message of another layer, which is shown unchanged.
  const json = parseJsonOrNull(message.slice(start))
  return isDuckdbError(json) ? json : null
}

function isDuckdbError(json: unknown): json is DuckdbError {
  if (!isRecord(json)) return false
  const { exception_type: type, exception_message: text, position, candidates } = json
  return (
    typeof type === 'string' &&
    typeof text === 'string' &&
    (position === undefined || (typeof position === 'string' && /^\d+$/.test(position))) &&
    (candidates === undefined || typeof candidates === 'string')
  )
}

/** SUMMARIZE adds up columns, too, so that its statement does not show what overflows. */
function overflowHint({ exception_type: type, exception_message: message }: DuckdbError): string | undefined {
  if (type !== 'Out of Range' || !message.startsWith('Overflow in ')) return undefined
  return 'Cast the column to double, whose values are rounded: sum(column::double), or SUMMARIZE SELECT column::double FROM the table.'
}

function toHint(candidates: string | undefined, rest: readonly string[]): string | undefined {
  const candidateLine = /^Candidate \w+:\s*(.+)$/.exec(rest.find((line) => line.startsWith('Candidate')) ?? '')?.[1]
  const names = candidates ?? candidateLine
  const suggestions = (names ?? '').replaceAll('"', '').split(/,\s*/).filter(Boolean).slice(0, 3)
  if (suggestions.length > 0) return `Did you mean ${suggestions.join(' or ')}?`
  return rest.find((line) => /^(Did you mean|Hint)/i.test(line))
}

function findRange(position: number, tokens: readonly Token[]): SqlRange {
  const token = tokens.find(({ start, end }) => position >= start && position < end) ?? tokens.at(-1)
  return token ? { start: token.start, end: token.end } : { start: position, end: position + 1 }
}

function isOutOfMemory(message: string): boolean {
  return /out of memory|memory access out of bounds|cannot enlarge memory|bad_alloc|could not allocate/i.test(message)
}

function outOfMemoryError(cause: unknown): AppError {
  return new AppError(
    'too-large',
    'The query needs more memory than the browser allows. Select fewer columns or rows.',
    {
      cause,
    },
  )
}
