import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serverAdapter } from '@/testing/duckdb/server-adapter'
import { CORPUS_STATEMENTS, openSqlCorpus, type SqlCorpus } from '@/testing/duckdb/sql-corpus'

/** Statements whose results differ from those of DuckDB itself, with the reason. */
const DIFFERENCES: ReadonlyMap<string, string> = new Map([
  [
    `select demo.flights.origin || '-' || demo.flights.dest from demo.flights where id = 9`,
    'the name of an unnamed expression has the table’s name alone',
  ],
  ['select id from demo.STAFF where id = 2', 'the names of tables are case-sensitive in Iceberg'],
])

const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-native-engine-'))
const LIMITS = { threads: 2, memoryMiB: 512, tempMiB: 512, tempDir }
let corpus: SqlCorpus

beforeAll(async () => {
  corpus = await openSqlCorpus(async (access) => serverAdapter(access, LIMITS))
})
afterAll(() => {
  corpus.close()
  rmSync(tempDir, { recursive: true })
})

describe('SQL on the server gives what native DuckDB gives', () => {
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
