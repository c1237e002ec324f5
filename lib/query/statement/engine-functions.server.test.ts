import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from 'apache-arrow'
import { expect, it } from 'vitest'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { AppError } from '@/lib/errors'
import { findTableReferences } from '../tables/table-references'
import { tokenize } from './tokenize'

/** Includes macros. Operators have no names that a statement can call. */
const TABLE_FUNCTIONS =
  "select distinct function_name as name from duckdb_functions() where function_type in ('table', 'table_macro')"

/**
 * Each returns rows computed from its arguments, and does not reveal the engine, its machine or a text that it runs.
 */
const HARMLESS = [
  'generate_series',
  'icu_calendar_names',
  'json_each',
  'json_tree',
  'pg_timezone_names',
  'range',
  'repeat',
  'repeat_row',
  'summary',
  'test_all_types',
  'test_vector_types',
  'unnest',
]
/** Read as `read_parquet(path, table = …)`, which DuckDB never sees. */
const FILE_FUNCTIONS = ['parquet_scan', 'read_parquet']
/** Statements around a call that could mislead a reader who expects the call elsewhere. */
const CALLS = [
  (name: string) => `select * from ${name}('x')`,
  (name: string) => `select * from "${name.toUpperCase()}" ('x')`,
  (name: string) => `select * from system.main.${name}('x')`,
  (name: string) => `from a.t, lateral ${name}('x')`,
  (name: string) => `from a.t positional join ${name}('x')`,
  (name: string) => `from b: ${name}('x')`,
  (name: string) => `pivot ${name}('x') on y`,
  (name: string) => `with a as materialized (from ${name}('x')) from a`,
  (name: string) => `select 1 where exists (from ${name}('x'))`,
]

function isRefused(sql: string): boolean {
  try {
    findTableReferences(tokenize(sql), { nowMs: 0 })
    return false
  } catch (error) {
    if (error instanceof AppError) return error.code === 'query-failed'
    throw error
  }
}

async function findTableFunctions(): Promise<Set<string>> {
  const native = await (await DuckDBInstance.create(':memory:')).connect()
  const names = (await native.runAndReadAll(TABLE_FUNCTIONS)).getRows().map(([name]) => String(name))
  const browser = await resetNodeDuckdb()
  const inBrowser = tableFromIPC(browser.run(TABLE_FUNCTIONS))
    .toArray()
    .map((row) => String(row.name))
  expect(names).toContain('json_execute_serialized_sql')
  expect(inBrowser).toContain('range')
  return new Set([...names, ...inBrowser])
}

it('every table function of both engines is either harmless or refused, wherever it is called', async () => {
  const functions = await findTableFunctions()
  for (const name of functions) {
    if (FILE_FUNCTIONS.includes(name)) continue
    for (const call of CALLS) expect(isRefused(call(name)), call(name)).toBe(!HARMLESS.includes(name))
  }
  expect(HARMLESS.filter((name) => !functions.has(name))).toEqual([])
})

it('a function of a later engine is refused until it is known', () => {
  for (const call of CALLS) expect(isRefused(call('some_function')), call('some_function')).toBe(true)
})

it('functions that run or plan a text as SQL are refused in place of values, too', () => {
  for (const name of [
    'query',
    'json_execute_serialized_sql',
    'json_serialize_plan',
    'enable_profiling',
    'which_secret',
  ])
    expect(isRefused(`select ${name}('select 1')`), name).toBe(true)
})
