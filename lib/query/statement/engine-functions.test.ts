import { expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { checkEngineFunctions } from './engine-functions'
import { tokenize } from './tokenize'

it.each([
  ['select * from duckdb_settings()', 'duckdb_settings'],
  ['select * from "DuckDB_Settings" ()', '"DuckDB_Settings"'],
  ['select * from system.main.duckdb_extensions()', 'duckdb_extensions'],
  ['select (select count(*) from duckdb_secrets())', 'duckdb_secrets'],
  ['with t as (from pragma_database_size()) from t', 'pragma_database_size'],
  ["select current_setting('secret_directory')", 'current_setting'],
  ["select current_setting('time' || 'zone')", 'current_setting'],
  ["select 'home_directory'.current_setting()", 'current_setting'],
  ["select getenv('HOME')", 'getenv'],
  ["from query('select * from duckdb_settings()')", 'query'],
  ["from query_table('t')", 'query_table'],
  ['from enable_logging()', 'enable_logging'],
])('Query refuses what describes its engine: %s', (sql, name) => {
  const problem = catchProblem(sql)
  expect(problem?.message).toContain(`Query does not have ${name}`)
  expect(problem?.facts).toMatchObject({ start: sql.indexOf(name) })
})

it.each([
  "select current_setting('TimeZone')",
  'select duckdb_settings from t',
  "select 'duckdb_settings()'",
  '-- duckdb_settings()\nselect 1',
  'select query, (1) from t',
])('Query runs what only looks like it: %s', (sql) => {
  expect(catchProblem(sql)).toBeNull()
})

function catchProblem(sql: string): AppError | null {
  try {
    checkEngineFunctions(tokenize(sql))
    return null
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}
