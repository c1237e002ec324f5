import { describe, expect, it } from 'vitest'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { checkStatement } from './check-statement'

const table = { catalog: 'local', namespace: ['demo'], table: 'fl"ights' }
const options = { table, snapshotId: '9007199254740993', connections: ['local', 'lake'] }
const NAME = '"local"."demo"."fl""ights" FOR VERSION AS OF 9007199254740993'
const inner = (sql: string) => checkStatement(sql, options).sql.split('\n').slice(1, -1).join('\n')

describe('The statement of a check', () => {
  it.each([
    ['SELECT * FROM this_table;', `SELECT * FROM ${NAME} AS this_table`],
    ['SELECT this_table.id FROM This_Table', `SELECT this_table.id FROM ${NAME} AS this_table`],
    ['SELECT * FROM this_table t JOIN "this_table" u USING (id)', `SELECT * FROM ${NAME} t JOIN ${NAME} u USING (id)`],
    ['SELECT 1 WHERE EXISTS (FROM this_table)', `SELECT 1 WHERE EXISTS (FROM ${NAME} AS this_table)`],
    [
      'WITH bad AS (SELECT id FROM this_table) SELECT * FROM bad',
      `WITH bad AS (SELECT id FROM ${NAME} AS this_table) SELECT * FROM bad`,
    ],
    ["SELECT 'this_table' FROM this_table -- this_table", `SELECT 'this_table' FROM ${NAME} AS this_table`],
  ])('reads the table at one snapshot: %s', (sql, expected) => {
    expect(inner(sql)).toBe(expected)
  })

  it('returns the values of its rows as text, and names the tables that it reads', () => {
    const { sql, tables } = checkStatement(
      'SELECT * FROM this_table JOIN demo.airports USING (a) JOIN lake.ns.t b',
      options,
    )
    expect(sql).toMatch(/^SELECT CAST\(COLUMNS\(\*\) AS VARCHAR\) FROM \(\n[^]*\n\) AS violations$/)
    expect(tables).toEqual([
      table,
      { catalog: 'local', namespace: ['demo'], table: 'airports' },
      { catalog: 'lake', namespace: ['ns'], table: 't' },
    ])
  })

  it.each([
    ['', 'one query'],
    ['SELECT 1 FROM this_table; SELECT 2', 'one query'],
    ['selec * fro this_table', 'SELEC is not a supported statement'],
    ['delete from this_table', 'DELETE is not allowed'],
    ['EXPLAIN SELECT * FROM this_table', 'whose rows break it'],
    ['SELECT 1', 'does not'],
    ['SELECT * FROM demo.this_table', 'does not'],
    ['WITH this_table AS (SELECT 1) SELECT * FROM this_table', 'does not'],
    ['SELECT * FROM this_table FOR VERSION AS OF 7', 'no other version'],
    ["SELECT * FROM this_table WHERE a = 'b", 'not closed'],
    [`SELECT * FROM this_table -- ${'x'.repeat(10_000)}`, 'characters'],
  ])('is refused when it is not one query of the table: %s', (sql, message) => {
    const error = catchAppError(() => checkStatement(sql, options))
    expect(error).toMatchObject({ code: 'query-failed' })
    expect(error.message).toContain(message)
  })
})
