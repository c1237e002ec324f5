import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, expect, it, test } from 'vitest'
import { startNativeEngine } from './native-engine'

const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-saved-'))
const file = path.join(tempDir, 'result.parquet')
afterEach(() => rmSync(file, { force: true }))
afterAll(() => rmSync(tempDir, { recursive: true }))

const start = () => startNativeEngine({ threads: 1, memoryMiB: 128, tempMiB: 16, tempDir })

async function save(sql: string, names: readonly string[]): Promise<number | undefined> {
  const engine = await start()
  try {
    return await engine.save?.(sql, names)
  } finally {
    engine.end()
  }
}

/** The file as another DuckDB reads it: its types, and its values as text. */
async function readSaved() {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const described = await (await connection.run(`DESCRIBE FROM read_parquet('${file}')`)).getRows()
  const texts = described.map(([name]) => `"${String(name).replaceAll('"', '""')}"::VARCHAR`)
  const rows = await (await connection.run(`SELECT ${texts.join(', ')} FROM read_parquet('${file}')`)).getRows()
  return { types: Object.fromEntries(described.map(([name, type]) => [String(name), String(type)])), rows }
}

it('saves each type exactly, and integers of 128 bits not as doubles', async () => {
  const columns: [name: string, sql: string, type: string, text: string | null][] = [
    ['big', '9223372036854775807', 'BIGINT', '9223372036854775807'],
    [
      'amount',
      "'9999999999999999999999999999.9999999999'::DECIMAL(38,10)",
      'DECIMAL(38,10)',
      '9999999999999999999999999999.9999999999',
    ],
    ['total', 'sum(9223372036854775807::BIGINT) OVER ()', 'DECIMAL(38,0)', '9223372036854775807'],
    ['unsigned', '18446744073709551615::UBIGINT', 'UBIGINT', '18446744073709551615'],
    ['nanos', "'2262-04-10 23:59:59.999999999'::TIMESTAMP_NS", 'TIMESTAMP_NS', '2262-04-10 23:59:59.999999999'],
    ['nan', "'NaN'::DOUBLE", 'DOUBLE', 'nan'],
    ['zero', '-0.0::DOUBLE', 'DOUBLE', '-0.0'],
    ['key', "'f79c3e09-677c-4bbd-a479-3f349cb785e7'::UUID", 'VARCHAR', 'f79c3e09-677c-4bbd-a479-3f349cb785e7'],
    ['none', 'NULL', 'INTEGER', null],
    [
      'nested',
      "{'a': [1::HUGEINT], 'm': MAP {'k': NULL}}",
      'STRUCT(a DECIMAL(38,0)[], m MAP(VARCHAR, INTEGER))',
      "{'a': [1], 'm': {k=NULL}}",
    ],
    ['pair', '[1, 2]::INTEGER[2]', 'INTEGER[]', '[1, 2]'],
    ['span', 'INTERVAL 1 DAY', 'VARCHAR', '1 day'],
    ['word', "'x'::ENUM('x', 'y')", 'VARCHAR', 'x'],
    ['a "quoted" name', "'it''s'", 'VARCHAR', "it's"],
  ]
  const sql = `SELECT ${columns.map(([, value]) => value).join(', ')} -- a comment`
  expect(
    await save(
      sql,
      columns.map(([name]) => name),
    ),
  ).toBe(1)
  const saved = await readSaved()
  expect(saved.types).toEqual(Object.fromEntries(columns.map(([name, , type]) => [name, type])))
  expect(saved.rows).toEqual([columns.map(([, , , text]) => text)])
})

it('saves the types of a result without rows, and PIVOT', async () => {
  expect(await save('SELECT 1::BIGINT, [] WHERE false', ['a', 'b'])).toBe(0)
  expect(await readSaved()).toEqual({ types: { a: 'BIGINT', b: 'INTEGER[]' }, rows: [] })
  rmSync(file)
  const pivot = "PIVOT (SELECT unnest(['a', 'b']) AS k, 2 AS v) ON k USING sum(v)"
  expect(await save(pivot, ['a', 'b'])).toBe(1)
  expect(await readSaved()).toEqual({ types: { a: 'DECIMAL(38,0)', b: 'DECIMAL(38,0)' }, rows: [['2', '2']] })
})

test.each([
  "'infinity'::DATE",
  "'-infinity'::TIMESTAMP",
  "'infinity'::TIMESTAMP_S",
  "'infinity'::TIMESTAMPTZ",
  "'infinity'::TIMESTAMP_NS",
  "{'a': [MAP {'k': 'infinity'::DATE}]}",
  "['infinity'::DATE, NULL]::DATE[2]",
])('The infinite time %s is refused, and not saved as a finite one', async (value) => {
  await expect(save(`SELECT ${value}`, ['t'])).rejects.toThrow('Column t has an infinite date or time')
})

it('refuses an integer beyond 38 digits, and rows without field names', async () => {
  await expect(save('SELECT 170141183460469231731687303715884105727::HUGEINT', ['h'])).rejects.toThrow('DECIMAL(38,0)')
  await expect(save('SELECT row(1, 2)', ['r'])).rejects.toMatchObject({ code: 'not-supported' })
})

test.each([
  ['SELECT 1) TO STDOUT; --', 'syntax error'],
  ["COPY (SELECT 1) TO '/tmp/other.parquet'", 'file system operations are disabled'],
  ['SELECT 1; SELECT 2', 'one SELECT at a time'],
  ['DELETE FROM held.t', 'Table with name t does not exist'],
])('The text %s is no SELECT to save', async (sql, message) => {
  await expect(save(sql, ['a'])).rejects.toThrow(message)
  expect(existsSync(file)).toBe(false)
})

it('writes to no other folder than its own, and nothing changes that', async () => {
  const other = path.join(tmpdir(), `other-${path.basename(tempDir)}.parquet`)
  const engine = await start()
  try {
    expect(await engine.save?.('SELECT 1', ['a'])).toBe(1)
    for (const sql of [
      `COPY (SELECT 1) TO '${other}'`,
      `SET allowed_paths = ['${other}']`,
      `SET allowed_directories = ['${tmpdir()}']`,
      'SET enable_external_access = true',
      'RESET enable_external_access',
    ])
      await expect(engine.query(sql), sql).rejects.toThrow(/Permission|locked|Cannot/)
    expect(existsSync(other)).toBe(false)
  } finally {
    engine.end()
  }
})
