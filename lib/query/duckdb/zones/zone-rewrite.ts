import { quoteString } from '@/lib/sql/quote-identifier'
import type { Edit } from '@/lib/query/tables/rewrite-tables'
import { type SqlRange, sqlError } from '@/lib/query/statement/sql-error'
import { isSymbol, type Token, tokenKeyword, tokenString } from '@/lib/query/statement/tokenize'
import { ZONED_FUNCTIONS } from './calendar-macros'
import { hasCastType, isTimestamptzLiteral, readCastType } from './cast-type'
import { ZONE_SCHEMA } from './macro'
import { callOf, hasAggregate, partCall } from './macro-call'
import { closing, lastAs, operandStart, readArguments, readFrameOrder } from './token-ranges'
import { requireZone } from './zone-names'

/** Functions of any number of values that take a time as its text. */
const TEXT_FUNCTIONS = new Set('CONCAT CONCAT_WS FORMAT PRINTF STRING_AGG LISTAGG GROUP_CONCAT'.split(' '))

/** Names of DuckDB's functions without parentheses, and their names with parentheses. */
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
  /** Inserts before earlier insertions: calls further right enclose calls further left. */
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
      if (!asToken || !last) continue
      if (word === 'TRY_CAST' && type === null && hasCastType(tokens, (as ?? i) + 1, close)) {
        const call = callOf('without_zone', hasAggregate(tokens, i + 2, as ?? i))
        edits.push({ start: token.start, end: next?.end ?? token.end, text: `TRY_CAST(${call.before}` })
        edits.push({ start: asToken.start, end: asToken.end, text: `${call.after} AS` })
      }
      if (type === null || type.end !== close) continue
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
      const zoneToken = zoneArgument(tokens, i)
      const zone = tokenString(zoneToken)
      if (zone !== null && zoneToken) requireZone(zone, zoneToken)
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

/** The argument of a function that is the name of a zone, if it is one token. */
function zoneArgument(tokens: readonly Token[], at: number): Token | undefined {
  const name = tokenKeyword(tokens[at])
  if (name === 'TIMEZONE') return isSymbol(tokens[at + 3], ',') ? tokens[at + 2] : undefined
  const zone = name === 'MAKE_TIMESTAMPTZ' ? readArguments(tokens, at + 1)[6] : undefined
  return zone?.to === (zone?.from ?? 0) + 1 ? tokens[zone?.from ?? -1] : undefined
}
