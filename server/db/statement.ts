import 'server-only'
import type { Compilable, Expression, Kysely, RawBuilder } from 'kysely'
import { Change, Query, type SqlValue } from './database'
import type { Tables } from './tables'

/**
 * How queries and changes are made: with Kysely, for whichever database runs them. A noun of this room builds with
 * what the dialect hands it; only an adapter compiles.
 */

/** What differs between the databases, as expressions. */
export type Dialect = {
  readonly name: 'sqlite' | 'postgres'
  /** Builds; never executes. */
  readonly db: Kysely<Tables>
  /** The database's clock at the moment the statement runs, in milliseconds since 1970. */
  readonly nowMs: RawBuilder<number>
  /**
   * A column of a table that another program may have made, to be compared and ordered by bytes. Our own tables
   * compare so by themselves.
   */
  readonly bytes: (column: string) => RawBuilder<string>
  /** A column whose ASCII letters compare alike, large or small, with a text in lower case. */
  readonly ignoreCase: (column: string) => RawBuilder<string>
  /** How many bytes a text has in UTF-8. */
  readonly byteLength: (text: Expression<unknown>) => RawBuilder<number>
  /** Where `part` begins in `text`, counted from 1; 0 where it does not. */
  readonly position: (text: Expression<unknown>, part: Expression<unknown>) => RawBuilder<number>
  /** Of several numbers the greatest. */
  readonly greatest: (...numbers: readonly Expression<number>[]) => RawBuilder<number>
}

/**
 * What a change decides by other rows than those it writes. Changes with the same guard are made one after another;
 * where the database has one writer at a time (SQLite) they are anyway.
 */
export type Guard = 'catalog' | 'users' | 'tokens' | 'runs' | 'run-logs' | 'connections' | 'sign-in'

type Build = (dialect: Dialect) => Compilable

/** As an adapter sees a query. */
class QueryStatement<Row> extends Query<Row> {
  readonly kind = 'query'
  readonly build: Build
  readonly prepared: Prepared | null
  readonly params: Params

  constructor(build: Build, prepared: Prepared | null = null, params: Params = {}) {
    super()
    this.build = build
    this.prepared = prepared
    this.params = params
  }
}

/** As an adapter sees a change. */
class ChangeStatement extends Change {
  readonly kind = 'change'
  readonly build: Build
  readonly expectedRows: number | null
  readonly guards: readonly Guard[]

  constructor(build: Build, expectedRows: number | null, guards: readonly Guard[]) {
    super()
    this.build = build
    this.expectedRows = expectedRows
    this.guards = guards
  }
}

export function query<Row>(build: (dialect: Dialect) => Compilable<Row>): Query<Row> {
  return new QueryStatement<Row>(build)
}

/**
 * A query of one form that is run so often that building it anew would be felt. `build` is called once per dialect;
 * a parameter may stand only where a value would, and is never null there.
 */
export function preparedQuery<P extends Params, Row>(
  build: (dialect: Dialect, params: P) => Compilable<Row>,
): (params: P) => Query<Row> {
  const prepared: Prepared = new WeakMap()
  const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) }) as P
  return (params) => new QueryStatement<Row>((dialect) => build(dialect, placeholders), prepared, params)
}

/**
 * @param expectedRows how many rows it has to change, or the transaction is undone; absent: any number
 * @param guards what else it decides by
 */
export function change(
  build: (dialect: Dialect) => Compilable,
  { expectedRows = null, guards = [] }: { expectedRows?: number | null; guards?: readonly Guard[] } = {},
): Change {
  return new ChangeStatement(build, expectedRows, guards)
}

/** SQL text with its values in order, as a driver takes it. */
export type Compiled = { sql: string; params: readonly SqlValue[] }

/** @param nowMs the clock's value where the dialect has it as a parameter */
export function compileQuery<Row>(statement: Query<Row>, dialect: Dialect, nowMs: () => number): Compiled {
  if (!isQueryStatement(statement)) throw new Error('a query was not made by server/db')
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
  nowMs: () => number,
): Compiled & { expectedRows: number | null; guards: readonly Guard[] } {
  if (!isChangeStatement(statement)) throw new Error('a change was not made by server/db')
  const { build, expectedRows, guards } = statement
  const { sql, parameters } = build(dialect).compile()
  return { sql, params: parameters.map((value) => resolveValue(value, {}, nowMs)), expectedRows, guards }
}

function isQueryStatement<Row>(statement: Query<Row>): statement is QueryStatement<Row> {
  return 'kind' in statement && statement.kind === 'query'
}

function isChangeStatement(statement: Change): statement is ChangeStatement {
  return 'kind' in statement && statement.kind === 'change'
}

/** Stands for the time at which a statement runs, where the dialect binds it as a value. */
export class NowMs {
  readonly kind = 'now'
}

/** Stands for a parameter of a prepared query. */
class Placeholder {
  readonly kind = 'placeholder'
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

type Params = Readonly<Record<string, SqlValue>>
type Prepared = WeakMap<Dialect, { sql: string; parameters: readonly unknown[] }>

function resolveValue(value: unknown, params: Params, nowMs: () => number): SqlValue {
  if (isStandIn(value)) {
    if (value.kind === 'now') return nowMs()
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
