import 'server-only'
import type { Compilable, Expression, Kysely, RawBuilder } from 'kysely'
import { Change, Query, type SqlValue } from './database'
import type { Tables } from './tables'

/**
 * How queries and changes are built: with Kysely, for whichever database executes them. A module of `server/db` builds
 * with what the dialect provides; only an adapter compiles.
 */

/** The differences between the databases, as expressions. */
export type Dialect = {
  readonly name: 'sqlite' | 'postgres'
  /** Builds; never executes. */
  readonly db: Kysely<Tables>
  /** The database's clock when the statement runs, in milliseconds since 1970. */
  readonly nowMs: RawBuilder<number>
  /**
   * A column of a table that another program may have created, to be compared and ordered by bytes. Our own tables do
   * that without it.
   */
  readonly bytes: (column: string) => RawBuilder<string>
  /** A column to be compared with a lower-case text, ignoring the case of ASCII letters. */
  readonly ignoreCase: (column: string) => RawBuilder<string>
  /** How many bytes a text has in UTF-8. */
  readonly byteLength: (text: Expression<unknown>) => RawBuilder<number>
  /** Where `part` begins in `text`, counted from 1; 0 if it is not there. */
  readonly position: (text: Expression<unknown>, part: Expression<unknown>) => RawBuilder<number>
  /** The greatest of several numbers. */
  readonly greatest: (...numbers: readonly Expression<number>[]) => RawBuilder<number>
  /**
   * The rows of a table whose text has all of these parts (`lib/search/text-parts`), as a table of the same name to
   * select from.
   *
   * @param limit how many rows are read; null: all
   */
  readonly rowsWithParts: (table: PartsTable, parts: readonly string[], limit: number | null) => RawBuilder<unknown>
  /** A table of one parameter: its rows have up to three texts, `sought.a`, `sought.b` and `sought.c`, which may be null. */
  readonly rowsOfTexts: (sought: readonly (readonly (string | null)[])[]) => RawBuilder<unknown>
  /**
   * For each row of up to three texts, `sought.a`, `sought.b` and `sought.c`, those rows of a table that meet the
   * condition, to select from. The texts are one parameter, and each row is looked up in the indexes of the table.
   */
  readonly lookUp: (
    sought: readonly (readonly string[])[],
    table: string,
    condition: RawBuilder<unknown>,
  ) => RawBuilder<unknown>
  /**
   * Joins the rows of a table that meet the condition to each row that is selected before, one after the other: an order
   * and a limit end the statement early, which a join of all rows at once does not.
   */
  readonly joinEach: (table: string, condition: RawBuilder<unknown>) => RawBuilder<unknown>
}

/** PostgreSQL refuses halves of surrogate pairs, which are in no stored name. */
export function toJsonOfTexts(rows: readonly (readonly (string | null)[])[]): string {
  return JSON.stringify(rows.map((row) => row.map((text) => text?.toWellFormed() ?? null)))
}

/** Tables whose column `text` is indexed by its parts. */
export type PartsTable = 'search_objects' | 'search_entries'

/**
 * Names rows that a change depends on without writing them. Changes with the same guard run one after another, unless all
 * of them share it; in a database with a single writer (SQLite) they always do.
 */
export type Guard =
  | 'catalog'
  | 'users'
  | 'tokens'
  | 'runs'
  | 'schedules'
  | 'run-logs'
  | 'connections'
  | 'sign-in'
  | 'saved-queries'
  | 'proposals'
  | 'policies'
  | 'access'
  | 'shortcuts'
  | 'uploads'

export type Guards = {
  guards: readonly Guard[]
  /** Guards that it holds together with other changes that share them, because it only reads the rows. */
  sharedGuards: readonly Guard[]
}

type Build = (dialect: Dialect) => Compilable

/** A query as an adapter sees it. */
class QueryStatement<Row> extends Query<Row> {
  readonly kind = 'query'
  readonly build: Build
  readonly prepared: PreparedStatements | null
  readonly params: Params

  constructor(build: Build, prepared: PreparedStatements | null = null, params: Params = {}) {
    super()
    this.build = build
    this.prepared = prepared
    this.params = params
  }
}

/** A change as an adapter sees it. */
class ChangeStatement extends Change {
  readonly kind = 'change'
  readonly build: Build
  readonly expectedRows: number | null
  readonly guards: readonly Guard[]
  readonly sharedGuards: readonly Guard[]

  constructor(build: Build, expectedRows: number | null, { guards, sharedGuards }: Guards) {
    super()
    this.build = build
    this.expectedRows = expectedRows
    this.guards = guards
    this.sharedGuards = sharedGuards
  }
}

export function query<Row>(build: (dialect: Dialect) => Compilable<Row>): Query<Row> {
  return new QueryStatement<Row>(build)
}

/**
 * A query that runs so often that building it each time would cost too much. `build` is called once per dialect; a
 * parameter may be used only as a value, and is never null.
 */
export function preparedQuery<P extends Params, Row>(
  build: (dialect: Dialect, params: P) => Compilable<Row>,
): (params: P) => Query<Row> {
  const prepared: PreparedStatements = new WeakMap()
  const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as P
  return (params) => new QueryStatement<Row>((dialect) => build(dialect, placeholders), prepared, params)
}

/**
 * @param expectedRows the number of rows it has to change, otherwise the transaction is rolled back; absent: any number
 * @param guards the locks on rows that it depends on without writing them, and `sharedGuards` on rows that it only reads
 */
export function change(
  build: (dialect: Dialect) => Compilable,
  { expectedRows = null, guards = [], sharedGuards = [] }: { expectedRows?: number | null } & Partial<Guards> = {},
): Change {
  return new ChangeStatement(build, expectedRows, { guards, sharedGuards })
}

/** SQL text with its values in order, as a driver takes it. */
export type CompiledStatement = { sql: string; params: readonly SqlValue[] }

/** @param nowMs the time at which the statement runs, if the dialect binds it as a parameter: one for all its places */
export function compileQuery<Row>(statement: Query<Row>, dialect: Dialect, nowMs: number): CompiledStatement {
  if (!isQueryStatement(statement)) throw new Error('the query was not built by server/db')
  const { build, prepared, params } = statement
  let compiled = prepared?.get(dialect)
  if (!compiled) {
    const { sql, parameters } = build(dialect).compile()
    compiled = { sql, parameters }
    prepared?.set(dialect, compiled)
  }
  return { sql: compiled.sql, params: compiled.parameters.map((value) => resolveValue(value, params, nowMs)) }
}

export function compileChange(
  statement: Change,
  dialect: Dialect,
  nowMs: number,
): CompiledStatement & { expectedRows: number | null } & Guards {
  if (!isChangeStatement(statement)) throw new Error('the change was not built by server/db')
  const { build, expectedRows, guards, sharedGuards } = statement
  const { sql, parameters } = build(dialect).compile()
  const params = parameters.map((value) => resolveValue(value, {}, nowMs))
  return { sql, params, expectedRows, guards, sharedGuards }
}

function isQueryStatement<Row>(statement: Query<Row>): statement is QueryStatement<Row> {
  return 'kind' in statement && statement.kind === 'query'
}

function isChangeStatement(statement: Change): statement is ChangeStatement {
  return 'kind' in statement && statement.kind === 'change'
}

/** The time at which a statement runs, for a dialect that binds it as a value. */
export class NowMs {
  readonly kind = 'now'
}

/** A parameter of a prepared query. */
class Placeholder {
  readonly kind = 'placeholder'
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

type Params = Readonly<Record<string, SqlValue>>
type PreparedStatements = WeakMap<Dialect, { sql: string; parameters: readonly unknown[] }>

function resolveValue(value: unknown, params: Params, nowMs: number): SqlValue {
  if (isStandIn(value)) {
    if (value.kind === 'now') return nowMs
    const parameter = params[value.name]
    if (parameter === undefined) throw new Error(`the query has no value for ${value.name}`)
    return parameter
  }
  return value as SqlValue
}

function isStandIn(value: unknown): value is NowMs | Placeholder {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    (value.kind === 'now' || value.kind === 'placeholder')
  )
}
