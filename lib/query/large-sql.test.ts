import { describe, expect, it, test } from 'vitest'
import { AppError, ERROR_CODES } from '@/lib/errors'
import { byCases } from '@/testing/property-cases'
import { DEEP_SQL, UNENDING_SQL, WIDE_SQL } from '@/testing/texts/large-sql'
import { nameAtCursor } from './completion'
import { requireCondition } from './condition'
import { toDuckdbSqls } from './duckdb/view-sql'
import { formatSql } from './editing/format-sql'
import { parameterNamesIn } from './parameters'
import { checkStatement } from './checks/check-statement'
import { explainStatement } from './statement/explain-statement'
import { checkReadOnly } from './statement/read-only'
import { requireClosed, splitStatements } from './statement/statements'
import { MAX_SQL_TOKENS, tokenize } from './statement/tokenize'
import { viewSqlProblem } from './checks/view-sql-problem'
import { previewTarget } from './tables/preview-target'
import { qualifyQuerySql, qualifyViewSql } from './tables/qualify-names'
import { findTableReferences, MAX_SQL_DEPTH } from './tables/table-references'
import { findViewReferences } from './tables/view-references'

const CLOCK = { nowMs: 0 }
const VIEW = { catalog: 'local', namespace: ['a'], view: 'v' }
const DEFAULTS = { defaultCatalog: null, defaultNamespace: ['a'] }
const CONNECTIONS = { connections: ['local'], connection: 'local' }
const CHECKED = { table: { catalog: 'local', namespace: ['a'], table: 't' }, snapshotId: '1', connections: ['local'] }

/** A statement as it is read before it runs or is shown to others. */
function readStatement(sql: string): string[] {
  const statements = splitStatements(sql)
  const last = statements.at(-1)
  if (last) requireClosed(sql, last)
  return statements.flatMap(({ tokens }) => {
    checkReadOnly(tokens)
    return findTableReferences(tokens, CLOCK).map(({ parts }) => parts.join('.'))
  })
}

/** Functions that refuse a text with an error. */
const REFUSING: Readonly<Record<string, (sql: string) => unknown>> = {
  'a statement': readStatement,
  'a check': (sql) => checkStatement(sql, CHECKED),
  'a condition': requireCondition,
}

/** Functions that take a text that is stored, or in an editor, and ignore one that they cannot read. */
const TOLERANT: Readonly<Record<string, (sql: string) => unknown>> = {
  'the SQL of a view in DuckDB’s dialect': (sql) => viewSqlProblem({ dialect: 'duckdb', sql }),
  'the SQL of a view in Spark’s dialect': (sql) => viewSqlProblem({ dialect: 'spark', sql }),
  'the SQL of views that run here': (sql) =>
    toDuckdbSqls(['duckdb', 'spark', 'trino'].map((dialect) => ({ dialect, sql }))).flatMap((found) => {
      const statement = splitStatements(found.sql ?? '')[0]
      return statement === undefined ? [] : [findViewReferences(statement)]
    }),
  'a view in Query': (sql) => qualifyViewSql(sql, VIEW, DEFAULTS, ['local']),
  'a query that is saved': (sql) => qualifyQuerySql(sql, CONNECTIONS),
  'the names of parameters': parameterNamesIn,
  'completion at the end': (sql) => nameAtCursor(sql, sql.length, CLOCK),
  'a preview': (sql) => previewTarget(sql, sql.length),
  EXPLAIN: (sql) => explainStatement(sql, 0, { isAnalyze: false }),
}

/** The code of the refusal; null for a text that was read. Any other error fails the test. */
function refusal(read: (sql: string) => unknown, sql: string): keyof typeof ERROR_CODES | null {
  try {
    read(sql)
    return null
  } catch (error) {
    // A failure of Lakeshore itself fails the test.
    if (!(error instanceof AppError) || ERROR_CODES[error.code].status >= 500) throw error
    return error.code
  }
}

/** How far texts are beyond the bounds: in `npm test` not as far as in the part `exhaustive`. */
const TOO_DEEP = byCases(2, 10) * MAX_SQL_DEPTH
const FAR_TOO_DEEP = byCases(10, 1000) * MAX_SQL_DEPTH
const TOO_WIDE = byCases(2, 10) * MAX_SQL_TOKENS
/** The length that the contract takes, and one that every reader takes. */
const [CONTRACT_CHARS, READ_CHARS] = byCases<readonly [number, number]>([20_000, 4_000], [99_000, 20_000])
const ENDLESS = byCases(20_000, 200_000)

describe('SQL that is nested beyond the bound', () => {
  for (const [name, build] of Object.entries(DEEP_SQL)) {
    it(`${name}: is refused where it is read, and breaks nothing else`, () => {
      const sql = build(TOO_DEEP)
      expect(refusal(readStatement, sql)).toBe('query-failed')
      for (const read of Object.values(REFUSING)) refusal(read, sql)
      for (const read of Object.values(TOLERANT)) expect(() => read(sql)).not.toThrow()
    })

    it(`${name}: is refused far beyond the bound`, () => {
      expect(refusal(readStatement, build(FAR_TOO_DEEP))).toBe('query-failed')
    })
  }

  test('the error says which bound was reached, and where', () => {
    const sql = DEEP_SQL['parentheses']?.(MAX_SQL_DEPTH + 1) ?? ''
    expect(() => readStatement(sql)).toThrow(`The SQL is nested more than ${MAX_SQL_DEPTH} deep here.`)
    expect(() => readStatement(sql)).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ start: 'select '.length + MAX_SQL_DEPTH + 1 }) }),
    )
  })

  test('SQL at the bound is read', () => {
    for (const name of ['parentheses', 'calls of functions', 'lists', 'structs'])
      expect(readStatement(DEEP_SQL[name]?.(MAX_SQL_DEPTH) ?? '')).toEqual(['a.t'])
  })
})

describe('SQL that is wider than the bound', () => {
  for (const [name, build] of Object.entries(WIDE_SQL)) {
    it(`${name}: is refused where it is read`, () => {
      expect(refusal(readStatement, build(TOO_WIDE))).toBe('query-failed')
    })

    it(`${name}: is read or refused at a length that the contract takes, and breaks nothing`, () => {
      const perPart = build(1_000).length / 1_000
      refusal(readStatement, build(Math.floor(CONTRACT_CHARS / perPart)))
      const sql = build(Math.floor(READ_CHARS / perPart))
      for (const read of Object.values(REFUSING)) refusal(read, sql)
      for (const read of Object.values(TOLERANT)) expect(() => read(sql)).not.toThrow()
    })
  }

  it('is read no further than the bound', () => {
    const sql = 'x,'.repeat(byCases(10, 1000) * (MAX_SQL_TOKENS / 2))
    expect(() => tokenize(sql)).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ start: MAX_SQL_TOKENS }) }),
    )
  })

  it('is read at the bound', () => {
    expect(tokenize('x,'.repeat(MAX_SQL_TOKENS / 2))).toHaveLength(MAX_SQL_TOKENS)
  })

  it('breaks no editor and no page', () => {
    const sql = `select 1${',1'.repeat(MAX_SQL_TOKENS)}`
    expect(formatSql(sql)).toBe(sql)
    for (const read of Object.values(TOLERANT)) expect(() => read(sql)).not.toThrow()
    expect(viewSqlProblem({ dialect: 'duckdb', sql })).toContain(`more than ${MAX_SQL_TOKENS} words`)
  })
})

describe('SQL with something that has no end', () => {
  for (const [name, build] of Object.entries(UNENDING_SQL))
    it(`${name}: is read or refused`, () => {
      const sql = build(ENDLESS)
      for (const read of Object.values(REFUSING)) refusal(read, sql)
      for (const read of Object.values(TOLERANT)) expect(() => read(sql)).not.toThrow()
    })
})
