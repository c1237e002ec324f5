import 'server-only'
import type { DuckDBType } from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { isSymbol, tokenize } from '@/lib/query/statement/tokenize'
import { isRecord, parseJsonOrNull } from '@/lib/plain-json'
import { quoteIdentifier, quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import type { ColumnCast } from '../cast/column-cast'
import { expressionColumn } from '../cast/expression-column'

/**
 * Expressions of a mapping, as DuckDB's parser reads them. An expression computes a value from the fields of one row and
 * from nothing else, so a list of allowed parts decides, not one of refused parts: the kinds of nodes below, and the
 * functions of DuckDB's own catalog that are scalar and whose result depends on their arguments alone (`stability`
 * CONSISTENT). That leaves out everything that reads files or tables (table functions), sequences, randomness and clocks
 * (VOLATILE, CONSISTENT_WITHIN_QUERY), aggregates, and functions that a newer DuckDB adds with those properties. A macro is
 * judged by its body. Some functions are marked CONSISTENT although they read the state of the session; they are named in
 * `STATEFUL`. The session itself is the second lock: it reads no file but the input (`duckdb-session`).
 */

const NODE_CLASSES: ReadonlySet<string> = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'FUNCTION',
  'LAMBDA',
  'OPERATOR',
  'TYPE',
])
const CLASS_LABELS: Readonly<Record<string, string>> = {
  DEFAULT: 'DEFAULT',
  PARAMETER: 'a parameter',
  POSITIONAL_REFERENCE: 'a column by its position',
  STAR: 'a star',
  SUBQUERY: 'a subquery',
  WINDOW: 'a window function',
}
/** The clock, the settings, variables, the version, and functions that run or explain SQL or that DuckDB has for itself. */
const STATEFUL =
  /^(__internal_.*|add_parquet_key|age|current_local\w*|current_setting|getenv|getvariable|json_\w*serialize\w*|parse_duckdb_log_message|version|which_secret)$/
/** An `age` of two times is computed from them; that of one is its distance from now. */
const ARGUMENTS_OF_AGE = 2
const MAX_MACRO_DEPTH = 8
/** DuckDB's number for a node without a position. */
const NO_POSITION = Number.MAX_SAFE_INTEGER
const BEFORE = 'SELECT (\n'

/** A problem with an expression; `position` is a character of it, from 1, null if it is not known. */
export class ExpressionProblem extends Error {
  override readonly name = 'ExpressionProblem'
  readonly position: number | null

  constructor(message: string, position: number | null) {
    super(message)
    this.position = position
  }
}

export type Expression = {
  /** In parentheses, so that it can be part of another expression. */
  sql: string
  /** The names that stand for fields, in order, as written; each once. */
  names: readonly { name: string; position: number | null }[]
}

/** A field as an expression finds it. */
export type ExpressionField = { name: string; type: string }

/** @throws {ExpressionProblem} when the text is not one scalar expression, or does more than compute */
export async function parseExpression(session: DuckdbSession, text: string): Promise<Expression> {
  const node = await parseNode(session, text)
  requireBalanced(text)
  const names = new Map<string, number | null>()
  const check = new ExpressionCheck(session, text, (name, position) => {
    if (!names.has(name)) names.set(name, position)
  })
  await check.check(node)
  return { sql: `(\n${text}\n)`, names: Array.from(names, ([name, position]) => ({ name, position })) }
}

/**
 * The type of the results.
 *
 * @throws {ExpressionProblem} with DuckDB's message when the expression does not fit the types of the fields
 */
export async function bindExpression(
  session: DuckdbSession,
  text: string,
  fields: readonly ExpressionField[],
): Promise<DuckDBType> {
  const columns = fields.map(({ name, type }) => `NULL::${type} AS ${quoteIdentifier(name)}`)
  const statement = `${BEFORE}${text}\n)${columns.length === 0 ? '' : ` FROM (SELECT ${columns.join(', ')})`}`
  try {
    const prepared = await session.connection.prepare(statement)
    const type = prepared.columnType(0)
    prepared.destroySync()
    return type
  } catch (error) {
    // It binds the statement again, and returns the error with its position.
    const plan = await readJson(session, `json_serialize_plan(${quoteLiteral(statement)})`)
    throw toProblem(plan, text) ?? new ExpressionProblem(firstLine(error), null)
  }
}

/** @throws {ExpressionProblem} when no result of the type could be a value of the column */
export function castExpression(
  field: NestedField,
  raw: string,
  result: { type: DuckDBType; ignoreExtra: boolean },
): ColumnCast {
  try {
    return expressionColumn(field, raw, result)
  } catch (error) {
    // A preview lists it with the problems of other columns.
    if (error instanceof AppError && error.code === 'invalid-request')
      throw new ExpressionProblem(withoutColumn(error.message, field), null)
    throw error
  }
}

/** `Column x is …` without its beginning. */
export function withoutColumn(sentence: string, { name }: NestedField): string {
  const beginning = `Column ${name} `
  return sentence.startsWith(beginning) ? sentence.slice(beginning.length) : sentence
}

/** DuckDB's message without the kind of the error, and without the statement that it shows. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return (message.split('\n')[0] ?? '').replace(/^[A-Za-z ]+ Error: /, '')
}

async function parseNode(session: DuckdbSession, text: string): Promise<unknown> {
  const parsed = await readJson(session, `json_serialize_sql(${quoteLiteral(`${BEFORE}${text}\n)`)})`)
  const problem = toProblem(parsed, text)
  if (problem !== null) throw problem
  const statements = isRecord(parsed) && Array.isArray(parsed.statements) ? parsed.statements : []
  const [statement] = statements
  const select = isRecord(statement) && isRecord(statement.node) ? statement.node : {}
  const list = Array.isArray(select.select_list) ? select.select_list : []
  const isPlain =
    statements.length === 1 &&
    select.type === 'SELECT_NODE' &&
    list.length === 1 &&
    isRecord(select.from_table) &&
    select.from_table.type === 'EMPTY' &&
    ['where_clause', 'having', 'qualify', 'sample'].every((clause) => select[clause] === null) &&
    ['modifiers', 'group_expressions', 'group_sets'].every((clause) => isEmpty(select[clause])) &&
    isRecord(select.cte_map) &&
    isEmpty(select.cte_map.map)
  if (!isPlain) throw new ExpressionProblem('It has to be one expression, not a query or several values.', null)
  return list[0]
}

/** `1) + (2` is an expression between parentheses, and another one elsewhere. */
function requireBalanced(text: string): void {
  let depth = 0
  for (const token of tokenize(text)) {
    if (isSymbol(token, '(')) depth += 1
    if (isSymbol(token, ')')) depth -= 1
    if (depth < 0) throw new ExpressionProblem('A parenthesis is closed that is not open.', token.start + 1)
  }
}

async function readJson(session: DuckdbSession, sql: string): Promise<unknown> {
  const [row] = await session.rows(`SELECT ${sql} AS json`)
  return parseJsonOrNull(String(row?.json))
}

function toProblem(json: unknown, text: string): ExpressionProblem | null {
  if (!isRecord(json) || json.error !== true || typeof json.error_message !== 'string') return null
  if (json.error_type === 'not implemented') return null
  const position = typeof json.position === 'string' ? toCharacter(Number(json.position), text) : null
  const message = (json.error_message.split('\n')[0] ?? '').trim()
  return new ExpressionProblem(`${message.charAt(0).toUpperCase()}${message.slice(1)}`, position)
}

/** DuckDB counts bytes of the statement from 0; a reader counts characters of the expression from 1. */
function toCharacter(bytePosition: number, text: string): number | null {
  const at = bytePosition - BEFORE.length
  if (at < 0 || bytePosition >= NO_POSITION) return null
  const before = Buffer.from(text, 'utf8').subarray(0, at).toString('utf8')
  return Math.min(before.length + 1, text.length + 1)
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

/** Walks over the nodes of one expression, or of the body of a macro. */
class ExpressionCheck {
  readonly #session: DuckdbSession
  readonly #text: string
  readonly #onName: (name: string, position: number | null) => void
  readonly #depth: number
  /** The names of the parameters of the lambdas around a node. */
  readonly #parameters: string[] = []

  constructor(
    session: DuckdbSession,
    text: string,
    onName: (name: string, position: number | null) => void,
    depth: number = 0,
  ) {
    this.#session = session
    this.#text = text
    this.#onName = onName
    this.#depth = depth
  }

  async check(node: unknown): Promise<void> {
    if (Array.isArray(node)) {
      for (const item of node) await this.check(item)
      return
    }
    if (!isRecord(node)) return
    const kind = node.class
    if (typeof kind === 'string') {
      if (!NODE_CLASSES.has(kind))
        throw this.#problem(`It has ${CLASS_LABELS[kind] ?? kind}, which an expression of a row cannot have.`, node)
      if (kind === 'CONSTANT') return
      if (kind === 'LAMBDA') return this.#checkLambda(node)
      if (kind === 'FUNCTION') await this.#checkFunction(node)
      if (kind === 'COLUMN_REF') return this.#checkName(node)
    }
    for (const value of Object.values(node)) await this.check(value)
  }

  #checkName(node: Readonly<Record<string, unknown>>): void {
    const [name] = Array.isArray(node.column_names) ? node.column_names : []
    if (typeof name !== 'string') throw this.#problem('It has a name that cannot be read.', node)
    if (this.#parameters.includes(name.toLowerCase())) return
    this.#onName(name, this.#position(node))
  }

  /** `x -> x + 1` is a lambda, and `field -> '$.path'` reads JSON. */
  async #checkLambda(node: Readonly<Record<string, unknown>>): Promise<void> {
    const isOperator = isRecord(node.expr) && node.expr.class === 'CONSTANT'
    if (isOperator) return this.check([node.lhs, node.expr])
    const names = lambdaNames(node.lhs)
    this.#parameters.push(...names)
    await this.check(node.expr)
    this.#parameters.splice(this.#parameters.length - names.length)
  }

  async #checkFunction(node: Readonly<Record<string, unknown>>): Promise<void> {
    const name = String(node.function_name).toLowerCase()
    const refuse = (reason: string) => this.#problem(`The function ${name} ${reason}`, node)
    if (node.filter !== null || node.distinct === true || node.export_state === true || hasOrder(node))
      throw refuse('is used as an aggregate, and an expression computes from one row.')
    const known = await this.#session.rows(
      `SELECT DISTINCT function_type, stability, internal, macro_definition, lower(array_to_string(parameters, ' ')) AS parameter_names
       FROM duckdb_functions() WHERE lower(function_name) = ${quoteLiteral(name)}`,
    )
    if (name === 'unnest' || name === 'unlist') throw refuse('returns several rows.')
    // The binder refuses it, and names similar functions.
    if (known.length === 0) return
    if (known.some((row) => row.function_type === 'aggregate'))
      throw refuse('is an aggregate, and an expression computes from one row.')
    const scalars = known.filter((row) => row.function_type === 'scalar' || row.function_type === 'macro')
    if (scalars.length === 0) throw refuse('returns rows or runs a command: an expression is a value of one row.')
    const isAge = name === 'age' && Array.isArray(node.children) && node.children.length === ARGUMENTS_OF_AGE
    const isPure = scalars.every(
      (row) => row.internal === true && (row.function_type === 'macro' || row.stability === 'CONSISTENT'),
    )
    if (!isPure || (STATEFUL.test(name) && !isAge))
      throw refuse('depends on more than the row, such as the time, chance, or the settings of the engine.')
    for (const row of scalars) {
      if (row.function_type === 'macro') await this.#checkMacro(name, row, node)
    }
  }

  async #checkMacro(
    name: string,
    row: Readonly<Record<string, unknown>>,
    node: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const refused = () => this.#problem(`The function ${name} does more than compute a value from one row.`, node)
    const body = String(row.macro_definition)
    // No macro is nested like this, unless it calls itself.
    if (this.#depth === MAX_MACRO_DEPTH) throw refused()
    const parameters = String(row.parameter_names).split(' ')
    try {
      const inBody = (used: string) => {
        if (!parameters.includes(used.toLowerCase())) throw new ExpressionProblem(used, null)
      }
      await new ExpressionCheck(this.#session, body, inBody, this.#depth + 1).check(
        await parseNode(this.#session, body),
      )
    } catch (error) {
      throw error instanceof ExpressionProblem ? refused() : error
    }
  }

  #problem(message: string, node: Readonly<Record<string, unknown>>): ExpressionProblem {
    return new ExpressionProblem(message, this.#position(node))
  }

  #position(node: Readonly<Record<string, unknown>>): number | null {
    return typeof node.query_location === 'number' ? toCharacter(node.query_location, this.#text) : null
  }
}

function lambdaNames(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(lambdaNames)
  if (!isRecord(node)) return []
  if (node.class === 'COLUMN_REF' && Array.isArray(node.column_names))
    return node.column_names.map((name) => String(name).toLowerCase())
  return Object.values(node).flatMap(lambdaNames)
}

function hasOrder({ order_bys: order }: Readonly<Record<string, unknown>>): boolean {
  return isRecord(order) && Array.isArray(order.orders) && order.orders.length > 0
}
