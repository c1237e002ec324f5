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
  ["from json_execute_serialized_sql(json_serialize_sql('from duckdb_settings()'))", 'json_execute_serialized_sql'],
  ["select json_serialize_plan('from duckdb_settings()')", 'json_serialize_plan'],
  ["from enable_profiling(save_location = '/tmp/x')", 'enable_profiling'],
  ['from disable_profiling()', 'disable_profiling'],
  ["from which_secret('s3://a', 's3')", 'which_secret'],
  ['from checkpoint()', 'checkpoint'],
  ['from force_checkpoint()', 'force_checkpoint'],
  ['from enable_peg_parser()', 'enable_peg_parser'],
  ["from check_peg_parser('select 1')", 'check_peg_parser'],
  ["from sql_auto_complete('sel')", 'sql_auto_complete'],
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
  'select checkpoint, enable_profiling from t',
  "select json_serialize_sql('select 1')",
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
