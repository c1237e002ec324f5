import { JsonNumber } from '@/lib/iceberg/json/json-number'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { Comparison, Predicate, UnboundCondition } from '@/lib/scan/predicate/predicate'
import { METADATA_FIELDS } from '@/lib/scan/read/metadata-columns'
import { type PlanNode, planLines, planNodes, scannedTable } from './explain-plan'

/**
 * The filters that DuckDB moved into the scans of a plan, as predicates on the tables. DuckDB decides what a filter
 * means across joins, subqueries, windows and views; a scan that it filters returns only rows that pass. So the result
 * is the same without the rows that every scan of the table filters out.
 *
 * Terms that are not understood count as true: the predicate may only let more rows pass.
 */

/**
 * Optimizers that are disabled for this plan: they would use that the tables are empty, or filter a scan by what
 * another part of the query finds.
 */
export const PUSHDOWN_DISABLED_OPTIMIZERS =
  'statistics_propagation,late_materialization,compressed_materialization,join_filter_pushdown,empty_result_pullup'

/**
 * @param plan the text of DuckDB's plan
 * @param tables the columns of every table that the statement may scan, by its name
 * @returns the predicates of the tables whose scans are all filtered
 * @throws {Error} when the text is not such a plan
 */
export function pushedPredicates(
  plan: string,
  tables: ReadonlyMap<string, readonly NestedField[]>,
): ReadonlyMap<string, Predicate> {
  const scans = new Map<string, Predicate[]>()
  const visit = (node: PlanNode) => {
    if (node.name.trim() === 'SEQ_SCAN') {
      const name = scannedTable(node, tables)
      const { predicate } = scanFilter(node, tables.get(name) ?? [])
      scans.set(name, [...(scans.get(name) ?? []), predicate])
    }
    node.children.forEach(visit)
  }
  planNodes(plan).forEach(visit)
  return new Map(
    [...scans].flatMap(([name, predicates]) => {
      const predicate = anyOf(predicates)
      return predicate.kind === 'true' ? [] : [[name, predicate] as const]
    }),
  )
}

/** A condition of a plan. `isExact`: it is true for the same rows as its predicate, which otherwise passes more. */
export type PlanFilter = { predicate: Predicate; isExact: boolean }

const TRUE: Predicate = { kind: 'true' }
const UNKNOWN: PlanFilter = { predicate: TRUE, isExact: false }

function knownFilter(predicate: Predicate): PlanFilter {
  return predicate === TRUE ? UNKNOWN : { predicate, isExact: true }
}

/** The condition of the rows that a scan returns. */
export function scanFilter(node: PlanNode, fields: readonly NestedField[]): PlanFilter {
  const lines = planLines(node.extra_info.Filters)
  if (lines.length === 0) return { predicate: TRUE, isExact: true }
  return hasPlainNames(fields)
    ? joinFilters(
        'and',
        lines.map((line) => lineFilter(line, fields)),
      )
    : UNKNOWN
}

/** The condition of an operator that filters the rows of a scan. */
export function operatorFilter(node: PlanNode, fields: readonly NestedField[]): PlanFilter {
  const lines = planLines(node.extra_info['Expression'])
  if (lines.length === 0 || !hasPlainNames(fields)) return UNKNOWN
  return joinFilters(
    'and',
    lines.map((line) => expressionFilter(line, fields)),
  )
}

/** A part that cannot be read lets all rows through. */
export function joinFilters(kind: 'and' | 'or', filters: readonly (PlanFilter | null)[]): PlanFilter {
  const known = filters.filter((filter) => filter !== null)
  // The line of a text with a line break is cut there, so what follows could be anything.
  if (known.length < filters.length) return UNKNOWN
  const predicates = known.map(({ predicate }) => predicate)
  return {
    predicate: kind === 'and' ? allOf(predicates) : anyOf(predicates),
    isExact: known.every(({ isExact }) => isExact),
  }
}

/** Names that cannot be confused with what DuckDB writes around them. */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_ -]*$/u
const RESERVED_WORD = /(^|[ -])(and|or|not|is|in|cast|as|null|optional|dynamic)($|[ -])/i

function hasPlainNames(fields: readonly NestedField[]): boolean {
  return fields.every(({ name }) => PLAIN_NAME.test(name) && !RESERVED_WORD.test(name))
}

/**
 * Terms joined by AND and OR. DuckDB writes no parentheses, so where both occur at least one of the terms holds, however
 * they are grouped.
 *
 * @returns null if the line cannot be read
 */
function lineFilter(line: string, fields: readonly NestedField[]): PlanFilter | null {
  const terms: PlanFilter[] = []
  const joints = new Set<string>()
  for (let rest = line; ; ) {
    const term = readTerm(rest, fields)
    if (term === null) return null
    terms.push(term.filter)
    if (term.rest === '') {
      const filter = joinFilters(joints.has('OR') ? 'or' : 'and', terms)
      return { ...filter, isExact: filter.isExact && joints.size < 2 }
    }
    const joint = / (AND|OR) /y.exec(term.rest)
    if (!joint) return null
    joints.add(joint[1] ?? '')
    rest = term.rest.slice(joint[0].length)
  }
}

type Term = { filter: PlanFilter; rest: string }

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': 'eq',
  '!=': 'not-eq',
  '<': 'lt',
  '<=': 'lt-eq',
  '>': 'gt',
  '>=': 'gt-eq',
}

function readTerm(text: string, fields: readonly NestedField[]): Term | null {
  if (text.startsWith('optional: ')) {
    // Another operator of the plan has the condition, too.
    const term = readTerm(text.slice('optional: '.length), fields)
    return term && { ...term, filter: { ...term.filter, isExact: true } }
  }
  if (text.startsWith('(')) return readExpression(text, fields)
  for (const field of fields) {
    if (text === `Dynamic Filter (${field.name})`) return { filter: UNKNOWN, rest: '' }
    if (!text.startsWith(field.name)) continue
    const term = readColumnTerm(text.slice(field.name.length), field)
    if (term) return term
  }
  return null
}

/** Reads the text after the name of a column. */
function readColumnTerm(text: string, field: NestedField): Term | null {
  if (text === '' || /^ (AND|OR) /.test(text))
    return field.type === 'boolean'
      ? { filter: knownFilter({ kind: 'eq', column: field.id, value: true }), rest: text }
      : null
  const nullTest = /^ IS (NOT )?NULL/.exec(text)
  if (nullTest)
    return {
      filter: knownFilter(nullPredicate(field, nullTest[1] !== undefined)),
      rest: text.slice(nullTest[0].length),
    }
  if (text.startsWith(' IN (')) {
    const list = readList(text.slice(' IN ('.length))
    return list && { filter: knownFilter(inPredicate(field, list.literals)), rest: list.rest }
  }
  const operator = /^(<=|>=|!=|=|<|>)/.exec(text)?.[0]
  const literal = operator === undefined ? null : readLiteral(text.slice(operator.length))
  const kind = COMPARISONS[operator ?? '']
  return literal && kind ? { filter: knownFilter(comparison(field, kind, literal)), rest: literal.rest } : null
}

/** An expression in parentheses, of which some forms are understood. */
function readExpression(text: string, fields: readonly NestedField[]): Term | null {
  const end = closingParenthesis(text)
  if (end === null) return null
  const [inner, rest] = [text.slice(1, end), text.slice(end + 1)]
  return { filter: expressionFilter(inner, fields), rest }
}

function expressionFilter(text: string, fields: readonly NestedField[]): PlanFilter {
  if (text.startsWith('(') && closingParenthesis(text) === text.length - 1)
    return expressionFilter(text.slice(1, -1), fields)
  const { parts, joints } = splitExpression(text)
  if (parts.length === 1) return knownFilter(expressionPredicate(text, fields))
  if (joints.size > 1) return UNKNOWN
  return joinFilters(
    joints.has('OR') ? 'or' : 'and',
    parts.map((part) => expressionFilter(part, fields)),
  )
}

/** The parts that AND and OR join outside of parentheses and texts. */
function splitExpression(text: string): { parts: string[]; joints: ReadonlySet<string> } {
  const parts: string[] = []
  const joints = new Set<string>()
  let depth = 0
  let start = 0
  for (const { 0: token, index } of text.matchAll(/'(?:[^']|'')*'|[()]| (?:AND|OR) /g)) {
    if (token === '(') depth++
    else if (token === ')') depth--
    else if (token.startsWith(' ') && depth === 0) {
      parts.push(text.slice(start, index))
      joints.add(token.trim())
      start = index + token.length
    }
  }
  return { parts: [...parts, text.slice(start)], joints }
}

function expressionPredicate(text: string, fields: readonly NestedField[]): Predicate {
  for (const field of fields) {
    for (const name of [field.name, `"${field.name}"`]) {
      if (text === `${name} IS NULL`) return nullPredicate(field, false)
      if (text === `${name} IS NOT NULL`) return nullPredicate(field, true)
      if (text === `NOT ${name}` && field.type === 'boolean') return { kind: 'eq', column: field.id, value: false }
      if (text.startsWith(`${name} IN (`)) return listPredicate(field, 'in', text.slice(`${name} IN (`.length))
      if (text.startsWith(`${name} NOT IN (`))
        return listPredicate(field, 'not-in', text.slice(`${name} NOT IN (`.length))
      const [before, operator = ''] = /^ (<=|>=|!=|=|<|>) /.exec(text.slice(name.length)) ?? []
      const kind = COMPARISONS[operator]
      if (text.startsWith(name) && before !== undefined && kind) {
        const literal = readLiteral(text.slice(name.length + before.length))
        return literal?.rest === '' ? comparison(field, kind, literal) : TRUE
      }
      if (text.startsWith(`CAST(${name} AS `)) return castPredicate(text.slice(`CAST(${name} AS `.length), field)
    }
  }
  return TRUE
}

/** A cast that changes no value and not their order, such as that of an int to BIGINT. */
function castPredicate(text: string, field: NestedField): Predicate {
  const [before, type = '', operator = ''] = /^([A-Z]+(?:\(\d+,\d+\))?)\) (<=|>=|!=|=|<|>) /.exec(text) ?? []
  const kind = COMPARISONS[operator]
  const literal = before === undefined ? null : readLiteral(text.slice(before.length))
  if (!kind || !literal || literal.rest !== '') return TRUE
  const isWholeNumber = field.type === 'int' || field.type === 'long'
  if (isWholeNumber && /^(BIGINT|HUGEINT|DECIMAL\(\d+,\d+\))$/.test(type)) return comparison(field, kind, literal)
  if (field.type !== 'date' || type !== 'TIMESTAMP' || literal.type !== 'TIMESTAMP') return TRUE
  const [, date = '', time = ''] = /^(\d{4}-\d\d-\d\d) ([\d:.]+)$/.exec(literal.text) ?? []
  const day = { ...literal, type: 'DATE', text: date }
  if (/^[0:.]+$/.test(time)) return comparison(field, kind, day)
  // A time after midnight is between its day and the next one.
  if (kind === 'lt' || kind === 'lt-eq') return comparison(field, 'lt-eq', day)
  return kind === 'gt' || kind === 'gt-eq' ? comparison(field, 'gt', day) : TRUE
}

/** A value as DuckDB writes it. @property type of a text in quotes; null if it has none */
type PlanLiteral = { text: string; isText: boolean; type: string | null; rest: string }

function readLiteral(text: string): PlanLiteral | null {
  const quoted =
    /^'((?:[^']|'')*)'(?:::([A-Z][A-Z_]*(?: WITH TIME ZONE)?))?(?=$|[ ,)])/.exec(text) ??
    /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false)(?=$|[ ,)])/.exec(text)
  if (!quoted) return null
  const [all, value = '', type = null] = quoted
  const isText = all.startsWith("'")
  return { text: isText ? value.replaceAll("''", "'") : value, isText, type, rest: text.slice(all.length) }
}

function readList(text: string): { literals: PlanLiteral[]; rest: string } | null {
  const literals: PlanLiteral[] = []
  for (let rest = text; ; ) {
    const literal = readLiteral(rest)
    if (!literal) return null
    literals.push(literal)
    if (literal.rest.startsWith(')')) return { literals, rest: literal.rest.slice(1) }
    if (!literal.rest.startsWith(', ')) return null
    rest = literal.rest.slice(2)
  }
}

/** Index of the parenthesis that closes the first one, outside of texts. */
function closingParenthesis(text: string): number | null {
  let depth = 0
  for (const { 0: token, index } of text.matchAll(/'(?:[^']|'')*'|[()]/g)) {
    if (token === '(') depth++
    if (token === ')' && --depth === 0) return index
  }
  return null
}

function nullPredicate({ id, type }: NestedField, isNot: boolean): Predicate {
  return typeof type === 'string' && !isMetadataColumn(id) ? { kind: isNot ? 'not-null' : 'is-null', column: id } : TRUE
}

/** A longer list would not fit into the address of the plan. */
const MAX_LISTED_VALUES = 200

function listPredicate(field: NestedField, kind: 'in' | 'not-in', text: string): Predicate {
  const list = readList(text)
  return list?.rest === '' ? inPredicate(field, list.literals, kind) : TRUE
}

function inPredicate(field: NestedField, literals: readonly PlanLiteral[], kind: 'in' | 'not-in' = 'in'): Predicate {
  if (literals.length > MAX_LISTED_VALUES) return TRUE
  const values = literals.map((literal) => toLiteral(field, literal))
  if (values.includes(null)) return TRUE
  return { kind, column: field.id, values: values.filter((value) => value !== null) }
}

function comparison(field: NestedField, kind: Comparison, literal: PlanLiteral): Predicate {
  const value = toLiteral(field, literal)
  if (value === null) return TRUE
  const isOrder = kind !== 'eq' && kind !== 'not-eq'
  // The libraries that write bounds of UUIDs order them in different ways.
  if (isOrder && field.type === 'uuid') return TRUE
  const condition: UnboundCondition = { kind, column: field.id, value }
  // To DuckDB NaN is greater than every number; in a predicate it is not.
  const isFloating = field.type === 'float' || field.type === 'double'
  return isFloating && (kind === 'gt' || kind === 'gt-eq')
    ? anyOf([condition, { kind: 'is-nan', column: field.id }])
    : condition
}

const DATE = String.raw`\d{4}-\d\d-\d\d`
const TIME = String.raw`\d\d:\d\d:\d\d(?:\.\d+)?`
/** How DuckDB writes values of a type in a plan, and the type that it adds. */
const WRITTEN: Readonly<Record<string, { type: string | null; text: RegExp }>> = {
  string: { type: null, text: /^/ },
  uuid: { type: 'UUID', text: /^[0-9a-f-]{36}$/ },
  date: { type: 'DATE', text: new RegExp(`^${DATE}$`) },
  time: { type: 'TIME', text: new RegExp(`^${TIME}$`) },
  timestamp: { type: 'TIMESTAMP', text: new RegExp(`^${DATE} ${TIME}$`) },
  timestamp_ns: { type: 'TIMESTAMP_NS', text: new RegExp(`^${DATE} ${TIME}$`) },
  timestamptz: { type: 'TIMESTAMP WITH TIME ZONE', text: new RegExp(String.raw`^${DATE} ${TIME}\+00$`) },
}

/** Null for a value that a predicate cannot have: an infinite one, NaN, a year before 1 or after 9999. */
function toLiteral(
  { id, type }: NestedField,
  { text, isText, type: writtenType }: PlanLiteral,
): JsonNumber | string | boolean | null {
  if (typeof type !== 'string' || isMetadataColumn(id)) return null
  if (type === 'boolean') return isText ? null : text === 'true' ? true : text === 'false' ? false : null
  const isNumber = ['int', 'long', 'float', 'double'].includes(type)
  if (isNumber || type.startsWith('decimal')) {
    if (isText || !Number.isFinite(Number(text))) return null
    return isNumber ? new JsonNumber(text) : text
  }
  const written = WRITTEN[type]
  if (!written || !isText || written.type !== writtenType || !written.text.test(text)) return null
  if (type === 'string') return text.isWellFormed() ? text : null
  return text.replace(' ', 'T')
}

/** A file may have nulls for them, in place of what its position in the table says. */
function isMetadataColumn(fieldId: number): boolean {
  return METADATA_FIELDS.some(({ id }) => id === fieldId)
}

function allOf(predicates: readonly Predicate[]): Predicate {
  const parts = predicates.filter(({ kind }) => kind !== 'true')
  const [only] = parts
  if (only === undefined) return TRUE
  return parts.length === 1 ? only : { kind: 'and', parts }
}

function anyOf(predicates: readonly Predicate[]): Predicate {
  const [only] = predicates
  if (only === undefined || predicates.some(({ kind }) => kind === 'true')) return TRUE
  return predicates.length === 1 ? only : { kind: 'or', parts: predicates }
}
