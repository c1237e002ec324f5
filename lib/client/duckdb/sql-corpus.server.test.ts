import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { CORPUS_STATEMENTS, openSqlCorpus, type SqlCorpus } from '@/testing/duckdb/sql-corpus'
import { createQuerySession } from './query-session'

/** Statements that do not give what native DuckDB gives, with the reason. */
const DIFFERENCES: ReadonlyMap<string, string> = new Map([
  [
    "select demo.flights.origin || '-' || demo.flights.dest from demo.flights where id = 9",
    'a column without a name is named by its SQL, in which the name of the table was shortened',
  ],
  [
    "select date_trunc('month', day) m, count(*), sum(fare) from demo.flights group by m order by m",
    'the release of DuckDB in the browser returns a date, the native one a timestamp',
  ],
  [
    `select json_extract_string('{"a": {"b": "c"}}', '$.a.b') j, to_json(location) l from demo.airports where code = 'ABQ'`,
    'DuckDB in the browser has no extension for JSON, and Lakeshore fetches none',
  ],
  ['select id from demo.STAFF where id = 2', 'the names of tables are case-sensitive in Iceberg'],
])

let corpus: SqlCorpus

beforeAll(async () => {
  corpus = await openSqlCorpus(async (deps) => {
    const wasm = await startNodeDuckdb()
    return createQuerySession({ ...deps, startEngine: async () => nodeEngine(wasm) })
  })
})
afterAll(() => corpus.close())

describe('SQL gives what native DuckDB gives', () => {
  test('in at least 200 statements', () => {
    expect(new Set(CORPUS_STATEMENTS).size).toBe(CORPUS_STATEMENTS.length)
    expect(CORPUS_STATEMENTS.length).toBeGreaterThanOrEqual(200)
  })

  test.each(CORPUS_STATEMENTS.filter((sql) => !DIFFERENCES.has(sql)))('%s', async (sql) => {
    const expected = await corpus.runNatively(sql)
    const ours = await corpus.runInAdapter(sql)
    expect(ours.names).toEqual(expected.names)
    expect(ours.rows).toEqual(expected.rows)
  })

  test.each([...DIFFERENCES])('except %s: %s', async (sql) => {
    expect(CORPUS_STATEMENTS).toContain(sql)
    const [expected, ours] = [await corpus.runNatively(sql), await corpus.runInAdapter(sql).catch(() => null)]
    expect(ours).not.toEqual(expected)
  })
})
