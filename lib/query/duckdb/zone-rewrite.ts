import { quoteString } from '../quote-identifier'
import type { Edit } from '../rewrite-tables'
import { type SqlRange, sqlError } from '../sql-error'
import { isSymbol, type Token, tokenKeyword, tokenString } from '../tokenize'
import { isTimeZone } from '@/lib/iceberg/schema/zoned-time'
import { CAST_TYPES, type CastType, INSTANT_PARTS, ZONE_SCHEMA, ZONED_FUNCTIONS } from './zone-macros'

/** Words after which a statement may have a `TIMESTAMP WITH TIME ZONE`, whatever its tables are. */
const ZONE_WORDS = new Set(
  (
    'TIMESTAMPTZ ZONE NOW CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME CURRENT_LOCALTIME CURRENT_LOCALTIMESTAMP TODAY ' +
    'LOCALTIME LOCALTIMESTAMP GET_CURRENT_TIMESTAMP GET_CURRENT_TIME TRANSACTION_TIMESTAMP TO_TIMESTAMP ' +
    'MAKE_TIMESTAMPTZ STRPTIME TRY_STRPTIME TIMETZ AGE'
  ).split(' '),
)

/** Whether the tokens name anything with a time zone; columns may still have one. */
export function mentionsZones(tokens: readonly Token[]): boolean {
  return tokens.some((token) => ZONE_WORDS.has(tokenKeyword(token) ?? ''))
}

/** IANA names in strings of the statement, which `AT TIME ZONE` may use. */
export function findZoneNames(tokens: readonly Token[]): string[] {
  const names = tokens.flatMap((token) => tokenString(token) ?? [])
  return [...new Set(names.filter(isZoneName))]
}

/** Functions of any number of values that take a time as its text. */
const TEXT_FUNCTIONS = new Set('CONCAT CONCAT_WS FORMAT PRINTF STRING_AGG LISTAGG GROUP_CONCAT'.split(' '))

/** Names of DuckDB's functions without parentheses, and what they are called with them. */
const BARE_FUNCTIONS: Readonly<Record<string, string>> = {
  CURRENT_DATE: 'current_date()',
  LOCALTIME: 'current_localtime()',
  LOCALTIMESTAMP: 'current_localtimestamp()',
}

const REFUSED_WORDS: Readonly<Record<string, string>> = {
  CURRENT_TIME: 'Write localtime, which has no zone.',
  GET_CURRENT_TIME: 'Write localtime, which has no zone.',
  TIMETZ: 'Write ::time, which has no zone.',
}

/**
 * Calls of the macros of `zone-macros` in place of what DuckDB would do in UTC or refuse: casts between times, texts and
 * `TIMESTAMPTZ`, `AT TIME ZONE`, `extract`, and functions of a calendar.
 *
 * @param skipped ranges that are replaced by something else: names of tables with their clauses
 * @throws {AppError} query-failed for a type with a zone that has no date
 */
export function findZoneEdits(tokens: readonly Token[], skipped: readonly SqlRange[]): Edit[] {
  const edits: Edit[] = []
  const insert = (at: number, text: string) => edits.push({ start: at, end: at, text })
  /** Before what was inserted there already: calls further right enclose those further left. */
  const enclose = (at: number, text: string) => edits.unshift({ start: at, end: at, text })
  const isSkipped = ({ start }: Token) => skipped.some((range) => start >= range.start && start < range.end)

  for (const [i, token] of tokens.entries()) {
    if (isSkipped(token)) continue
    const word = tokenKeyword(token)
    const next = tokens[i + 1]
    const isName = isSymbol(tokens[i - 1], '.')
    if (isSymbol(token, '::')) {
      const type = readCastType(tokens, i + 1)
      const start = operandStart(tokens, i)
      if (type === null || start === null || isTimestamptzLiteral(tokens, start, i, type.name)) continue
      const call = callOf(`cast_${type.name}`, hasAggregate(tokens, start, i))
      enclose(tokens[start]?.start ?? 0, call.before)
      edits.push({ start: token.start, end: tokens[type.end - 1]?.end ?? token.end, text: call.after })
      continue
    }
    if (word === null || isName) continue
    if (Object.hasOwn(REFUSED_WORDS, word))
      throw sqlError(`Query has no times with a zone but without a date (${token.text}).`, token, REFUSED_WORDS[word])
    if ((word === 'CAST' || word === 'TRY_CAST') && isSymbol(next, '(')) {
      const close = closing(tokens, i + 1)
      const as = lastAs(tokens, i + 1, close)
      const type = as === null ? null : readCastType(tokens, as + 1)
      const [asToken, last] = [tokens[as ?? -1], tokens[close - 1]]
      if (type === null || type.end !== close || !asToken || !last) continue
      if (isTimestamptzLiteral(tokens, i + 2, as ?? 0, type.name)) continue
      const name = `${word.toLowerCase()}_${type.name}`
      const call = callOf(name, hasAggregate(tokens, i + 2, as ?? i))
      edits.push({ start: token.start, end: next?.end ?? token.end, text: call.before })
      edits.push({ start: asToken.start, end: tokens[close]?.end ?? last.end, text: call.after })
    } else if (word === 'EXTRACT' && isSymbol(next, '(')) {
      const part = tokens[i + 2]
      const from = tokens[i + 3]
      if (!part || !from || tokenKeyword(from) !== 'FROM') continue
      const name = (tokenString(part) ?? part.text).toLowerCase()
      const close = closing(tokens, i + 1)
      const call = partCall(name, hasAggregate(tokens, i + 4, close))
      edits.push({ start: token.start, end: from.end, text: call.before })
      edits.push({ start: tokens[close]?.start ?? from.end, end: tokens[close]?.end ?? from.end, text: call.after })
    } else if (word === 'AT' && tokenKeyword(next) === 'TIME' && tokenKeyword(tokens[i + 2]) === 'ZONE') {
      const start = operandStart(tokens, i)
      const [first, zoneToken] = [tokens[start ?? -1], tokens[i + 3]]
      if (!first || !zoneToken) continue
      const zone = tokenString(zoneToken)
      if (zone === null)
        throw sqlError(
          'The zone of AT TIME ZONE has to be a name in quotes.',
          zoneToken,
          "Write it as in 'Europe/Berlin'.",
        )
      requireZone(zone, zoneToken)
      const call = callOf('timezone', hasAggregate(tokens, start ?? i, i), `${quoteString(zone)}, `)
      enclose(first.start, call.before)
      edits.push({ start: token.start, end: zoneToken.end, text: call.after })
    } else if (Object.hasOwn(BARE_FUNCTIONS, word) && !isSymbol(next, '(')) {
      edits.push({ start: token.start, end: token.end, text: `${ZONE_SCHEMA}.${BARE_FUNCTIONS[word]}` })
    } else if (word === 'RANGE') {
      const order = readFrameOrder(tokens, i)
      const [first, last] = [tokens[order?.from ?? -1], tokens[(order?.to ?? 0) - 1]]
      if (!order || !first || !last) continue
      const call = callOf('frame_order', hasAggregate(tokens, order.from, order.to))
      enclose(first.start, call.before)
      insert(last.end, call.after)
    } else if (TEXT_FUNCTIONS.has(word) && isSymbol(next, '(')) {
      for (const argument of readArguments(tokens, i + 1)) {
        const [from, to] = [tokens[argument.from], tokens[argument.to - 1]]
        if (!from || !to || tokenKeyword(from) === 'DISTINCT') continue
        enclose(from.start, `${ZONE_SCHEMA}.text(`)
        insert(to.end, ')')
      }
    } else if (ZONED_FUNCTIONS.has(word.toLowerCase()) && isSymbol(next, '(')) {
      const name = word.toLowerCase()
      const part = name === 'date_part' || name === 'datepart' ? tokenString(tokens[i + 2])?.toLowerCase() : undefined
      const close = closing(tokens, i + 1)
      const closeToken = tokens[close]
      if (!closeToken) continue
      const [firstArgument] = tokens.slice(i + 2)
      const zone = name === 'timezone' && isSymbol(tokens[i + 3], ',') ? tokenString(firstArgument) : null
      if (zone !== null && firstArgument) requireZone(zone, firstArgument)
      const isAggregated = hasAggregate(tokens, i + 2, close)
      if (part !== undefined && isSymbol(tokens[i + 3], ',')) {
        const call = partCall(part, isAggregated)
        edits.push({ start: token.start, end: tokens[i + 3]?.end ?? token.end, text: call.before })
        edits.push({ start: closeToken.start, end: closeToken.end, text: call.after })
      } else if (isAggregated) {
        // The values of all arguments, so that the macro sees their types.
        const args = readArguments(tokens, i + 1)
        edits.push({ start: token.start, end: next?.end ?? token.end, text: 'list_transform([{a0: ' })
        for (const [k, { to }] of args.slice(0, -1).entries()) {
          const comma = tokens[to]
          if (comma) edits.push({ start: comma.start, end: comma.end, text: `, a${k + 1}: ` })
        }
        const values = args.map((_, k) => `lakeshore_row.a${k}`).join(', ')
        const after = `}], lambda lakeshore_row: ${ZONE_SCHEMA}.${name}(${values}))[1]`
        edits.push({ start: closeToken.start, end: closeToken.end, text: after })
      } else insert(token.start, `${ZONE_SCHEMA}.`)
    }
  }
  return edits
}

/** @throws {AppError} query-failed for a name that is no zone */
function requireZone(name: string, token: Token): void {
  if (isZoneName(name)) return
  const wanted =
    name
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_]+/g, '_')
      .split('/')
      .at(-1) ?? ''
  const similar = Intl.supportedValuesOf('timeZone').filter((zone) => zone.toLowerCase().split('/').includes(wanted))
  const example = "Write it as in 'Europe/Berlin' or 'UTC'."
  const hint = similar.length === 0 || wanted === '' ? example : `Did you mean ${similar.slice(0, 3).join(' or ')}?`
  throw sqlError(`Unknown time zone ${name}.`, token, hint)
}

function isZoneName(name: string): boolean {
  return /^[A-Za-z]/.test(name) && isTimeZone(name)
}

/** The value by which a window is ordered whose frame adds to it, as a range of tokens; null for another RANGE. */
function readFrameOrder(tokens: readonly Token[], range: number): { from: number; to: number } | null {
  const end = opening(tokens, range, 1)
  const isOffset = tokens.slice(range, closing(tokens, end) + 1).some((token, i) => {
    const isBound = ['PRECEDING', 'FOLLOWING'].includes(tokenKeyword(token) ?? '')
    return isBound && tokenKeyword(tokens[range + i - 1]) !== 'UNBOUNDED'
  })
  if (!isSymbol(tokens[end], '(') || !isOffset) return null
  let to = range
  for (let i = range - 1; i > end; i--) {
    const token = tokens[i]
    if (isSymbol(token, ')') || isSymbol(token, ']') || isSymbol(token, '}')) i = opening(tokens, i)
    else if (['ASC', 'DESC', 'NULLS'].includes(tokenKeyword(token) ?? '')) to = i
    else if (tokenKeyword(token) === 'BY' && tokenKeyword(tokens[i - 1]) === 'ORDER')
      return to > i + 1 ? { from: i + 1, to } : null
  }
  return null
}

type Call = { before: string; after: string }

/**
 * A call of a macro. DuckDB does not know the type of an aggregate when it chooses among macros of one name, but knows
 * that of a list's elements.
 */
function callOf(name: string, isAggregated: boolean, firstArgument = ''): Call {
  if (!isAggregated) return { before: `${ZONE_SCHEMA}.${name}(${firstArgument}`, after: ')' }
  const call = `${ZONE_SCHEMA}.${name}(${firstArgument}lakeshore_value)`
  return { before: 'list_transform([', after: `], lambda lakeshore_value: ${call})[1]` }
}

function partCall(part: string, isAggregated: boolean): Call {
  return INSTANT_PARTS.has(part)
    ? callOf(`part_${part}`, isAggregated)
    : callOf('date_part', isAggregated, `${quoteString(part)}, `)
}

/** Whether tokens call an aggregate or a window function, or have a subquery. */
function hasAggregate(tokens: readonly Token[], from: number, to: number): boolean {
  return tokens.slice(from, to).some((token, i) => {
    const word = tokenKeyword(token)
    return (
      word === 'OVER' ||
      word === 'SELECT' ||
      (word !== null && AGGREGATES.has(word) && isSymbol(tokens[from + i + 1], '('))
    )
  })
}

const AGGREGATES = new Set(
  (
    'ANY_VALUE APPROX_COUNT_DISTINCT APPROX_QUANTILE ARBITRARY ARG_MAX ARG_MIN ARGMAX ARGMIN ARRAY_AGG AVG BIT_AND ' +
    'BIT_OR BIT_XOR BOOL_AND BOOL_OR CORR COUNT COUNT_IF COUNTIF COUNT_STAR COVAR_POP COVAR_SAMP ENTROPY FAVG FIRST ' +
    'FSUM GEOMEAN GEOMETRIC_MEAN GROUPING GROUP_CONCAT HISTOGRAM KURTOSIS KURTOSIS_POP LAST LIST LISTAGG MAD MAX ' +
    'MAX_BY MEAN MEDIAN MIN MIN_BY MODE PERCENTILE_CONT PERCENTILE_DISC PRODUCT QUANTILE QUANTILE_CONT QUANTILE_DISC ' +
    'REGR_AVGX REGR_AVGY REGR_COUNT REGR_INTERCEPT REGR_R2 REGR_SLOPE REGR_SXX REGR_SXY REGR_SYY RESERVOIR_QUANTILE ' +
    'SKEWNESS STDDEV STDDEV_POP STDDEV_SAMP STRING_AGG SUM SUMKAHAN SUM_NO_OVERFLOW VARIANCE VAR_POP VAR_SAMP'
  ).split(' '),
)

/** Text that a cast makes a `TIMESTAMPTZ` is handled with the other texts of that type: see `zone-plan`. */
function isTimestamptzLiteral(tokens: readonly Token[], from: number, to: number, type: CastType): boolean {
  return type === 'timestamptz' && to - from === 1 && tokens[from]?.kind === 'string'
}

const TYPE_NAMES: Readonly<Record<string, CastType>> = {
  TIMESTAMPTZ: 'timestamptz',
  TIMESTAMP: 'timestamp',
  DATETIME: 'timestamp',
  TIMESTAMP_US: 'timestamp',
  TIMESTAMP_S: 'timestamp_s',
  TIMESTAMP_MS: 'timestamp_ms',
  TIMESTAMP_NS: 'timestamp_ns',
  DATE: 'date',
  TIME: 'time',
  VARCHAR: 'varchar',
  TEXT: 'varchar',
  STRING: 'varchar',
  CHAR: 'varchar',
  BPCHAR: 'varchar',
}

/** The type at a token, if casts to it depend on the zone, and the index after it. */
function readCastType(tokens: readonly Token[], at: number): { name: CastType; end: number } | null {
  const word = tokenKeyword(tokens[at]) ?? ''
  let name = Object.hasOwn(TYPE_NAMES, word) ? TYPE_NAMES[word] : undefined
  if (name === undefined || !CAST_TYPES.includes(name)) return null
  let end = at + 1
  if (isSymbol(tokens[end], '(')) {
    if (name === 'timestamp') name = timestampOf(tokens[end + 1]) ?? name
    end = closing(tokens, end) + 1
  }
  const zone = tokenKeyword(tokens[end])
  const isZoned = tokenKeyword(tokens[end + 1]) === 'TIME' && tokenKeyword(tokens[end + 2]) === 'ZONE'
  if (isZoned && (zone === 'WITH' || zone === 'WITHOUT')) {
    if (zone === 'WITH' && name === 'time') return null
    if (zone === 'WITH') name = 'timestamptz'
    end += 3
  }
  // A list of the type.
  return isSymbol(tokens[end], '[') ? null : { name, end }
}

/** `timestamp(3)`; the other precisions are those of `timestamp`. */
function timestampOf(precision: Token | undefined): CastType | null {
  if (precision?.text === '0') return 'timestamp_s'
  const digits = Number(precision?.text)
  if (digits >= 1 && digits <= 3) return 'timestamp_ms'
  return digits >= 7 && digits <= 9 ? 'timestamp_ns' : null
}

/** Index of the first token of the value before an operator that binds as tightly as `::`. */
function operandStart(tokens: readonly Token[], operator: number): number | null {
  let at = operator - 1
  for (;;) {
    const token = tokens[at]
    if (token === undefined) return null
    // The type `TIMESTAMP WITH TIME ZONE` of another cast.
    if (tokenKeyword(token) === 'ZONE' && tokenKeyword(tokens[at - 1]) === 'TIME') at -= 3
    if (isSymbol(token, ')') || isSymbol(token, ']') || isSymbol(token, '}')) {
      at = opening(tokens, at)
      const before = tokens[at - 1]
      const isCall =
        before?.kind === 'quoted' || (before?.kind === 'word' && !NOT_CALLED.has(tokenKeyword(before) ?? ''))
      const isIndexed = isSymbol(tokens[at], '[') && (isSymbol(before, ')') || isSymbol(before, ']'))
      if (isIndexed) {
        at -= 1
        continue
      }
      if (isSymbol(token, '}') || !isCall) return at
      at -= 1
      // `sum(x) FILTER (…) OVER (…)` is one value.
      if (CALL_CLAUSES.has(tokenKeyword(tokens[at]) ?? '')) {
        at -= 1
        continue
      }
    } else if (tokenKeyword(token) === 'END') {
      let depth = 0
      for (; at >= 0; at--) {
        if (tokenKeyword(tokens[at]) === 'END') depth++
        if (tokenKeyword(tokens[at]) === 'CASE' && --depth === 0) return at
      }
      return null
    } else if (token.kind === 'symbol') return null
    // `DATE '…'`, `INTERVAL '…'`: the type belongs to the text.
    const isTyped = tokens[at]?.kind === 'string' && TYPED_TEXT.has(tokenKeyword(tokens[at - 1]) ?? '')
    if (isTyped) return at - 1
    if (isSymbol(tokens[at - 1], '.')) at -= 2
    else if (isSymbol(tokens[at - 1], '::')) at -= 2
    else return at
  }
}

const CALL_CLAUSES = new Set(['FILTER', 'OVER'])
const TYPED_TEXT = new Set('DATE TIMESTAMP TIMESTAMPTZ TIME INTERVAL ZONE'.split(' '))
const NOT_CALLED = new Set(
  'AND OR NOT IN SELECT WHERE ON WHEN THEN ELSE BY HAVING BETWEEN CASE AS FROM LIMIT RETURNING QUALIFY ANY ALL LIKE IS VALUES DISTINCT'.split(
    ' ',
  ),
)

/** Index of the bracket that closes the one at `at`; the last token if none does. */
function closing(tokens: readonly Token[], at: number): number {
  let depth = 0
  for (let i = at; i < tokens.length; i++) {
    const token = tokens[i]
    if (token?.kind !== 'symbol') continue
    if ('([{'.includes(token.text)) depth++
    if (')]}'.includes(token.text) && --depth === 0) return i
  }
  return tokens.length - 1
}

/** @param initialDepth 1 when `at` is within the brackets */
function opening(tokens: readonly Token[], at: number, initialDepth = 0): number {
  let depth = initialDepth
  for (let i = at; i >= 0; i--) {
    const token = tokens[i]
    if (token?.kind !== 'symbol') continue
    if (')]}'.includes(token.text)) depth++
    if ('([{'.includes(token.text) && --depth === 0) return i
  }
  return 0
}

/** Index of the AS of a cast. */
function lastAs(tokens: readonly Token[], open: number, close: number): number | null {
  for (let i = close - 1; i > open; i--) {
    const token = tokens[i]
    if (isSymbol(token, ')') || isSymbol(token, ']')) i = opening(tokens, i)
    else if (tokenKeyword(token) === 'AS') return i
  }
  return null
}

/** The arguments in the parentheses at `open`, as ranges of tokens; without what follows `ORDER BY`. */
function readArguments(tokens: readonly Token[], open: number): { from: number; to: number }[] {
  const close = closing(tokens, open)
  const result: { from: number; to: number }[] = []
  let from = open + 1
  let isOrder = false
  for (let i = open + 1; i <= close; i++) {
    const token = tokens[i]
    if (token?.kind === 'symbol' && '([{'.includes(token.text) && i < close) i = closing(tokens, i)
    else if (i === close || isSymbol(token, ',') || tokenKeyword(token) === 'ORDER') {
      if (i > from && !isOrder) result.push({ from, to: i })
      if (tokenKeyword(token) === 'ORDER') isOrder = true
      from = i + 1
    }
  }
  return result
}

/** The name of a column as the user wrote it: DuckDB names it after the SQL that ran. */
export function withoutMacros(name: string): string {
  const cast = /\blakeshore_zone\.(try_)?cast_(\w+)\(((?:[^()]|\([^()]*\))*)\)/gi
  return name
    .replace(
      cast,
      (_, attempt: string | undefined, type: string, value: string) =>
        `${attempt ? 'TRY_CAST' : 'CAST'}(${value} AS ${type.toUpperCase()})`,
    )
    .replaceAll(/\blakeshore_zone\.(?:text|frame_order)\(((?:[^()]|\([^()]*\))*)\)/gi, '$1')
    .replaceAll(/\blakeshore_zone\.part_(\w+)\(/gi, "date_part('$1', ")
    .replaceAll(/\blakeshore_zone\./gi, '')
}
