import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { tokenize } from './tokenize'
import { isVolatile } from './volatile'

/** DuckDB itself says which of its functions are not constant. */
const VOLATILE_FUNCTIONS =
  "select distinct function_name as name from duckdb_functions() where stability <> 'CONSISTENT'"

test('every function that DuckDB calls volatile is one, with ICU and in the browser', async () => {
  const native = await (await DuckDBInstance.create(':memory:')).connect()
  const names = (await native.runAndReadAll(VOLATILE_FUNCTIONS)).getRows().map(([name]) => String(name))
  const wasm = await resetNodeDuckdb()
  const browserNames = tableFromIPC(wasm.run(VOLATILE_FUNCTIONS))
    .toArray()
    .map((row) => String(row.name))
  expect(names).toContain('random')
  expect(browserNames).toContain('random')
  for (const name of [...names, ...browserNames]) {
    expect(isVolatile(tokenize(`select ${name}(1) from t`)), name).toBe(true)
    expect(isVolatile(tokenize(`select "${name.toUpperCase()}" (1) from t`)), name).toBe(true)
  }
})

test('values without parentheses and samples are volatile', () => {
  for (const sql of [
    'select current_date from t',
    'select * from t where ts > CURRENT_TIMESTAMP - interval 1 day',
    'select localtimestamp from t',
    'select age(ts) from t',
    'from t using sample 10%',
    'select * from t tablesample reservoir(5)',
    "select getvariable('x') from t",
    'from t, duckdb_tables()',
    'from pg_catalog.pg_tables',
  ])
    expect(isVolatile(tokenize(sql)), sql).toBe(true)
})

test('columns, texts and comments with such names are not', () => {
  for (const sql of [
    'select stats, random, t.now, uuid from t',
    "select 'now()', 'current_date' from t -- random()",
    "select date_trunc('day', ts), count(*) from t group by 1 limit 10",
  ])
    expect(isVolatile(tokenize(sql)), sql).toBe(false)
})
