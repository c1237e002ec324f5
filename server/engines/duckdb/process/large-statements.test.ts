import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AppError, ERROR_CODES } from '@/lib/errors'
import { MAX_SQL_DEPTH } from '@/lib/query/tables/table-references'
import { createTestSession } from '@/testing/duckdb/test-session'
import { DEEP_SQL, WIDE_SQL } from '@/testing/texts/large-sql'
import { startNativeEngine } from './native-engine'

/** Statements that DuckDB gets as they are, because they name no table. */

const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-native-engine-'))
afterAll(() => rmSync(tempDir, { recursive: true }))

const unused = () => Promise.reject(new Error('the statements of this test read nothing'))

/** The error of the statement, in its own DuckDB as on the server. */
async function outcome(sql: string): Promise<string> {
  const session = createTestSession({
    startEngine: () => startNativeEngine({ threads: 1, memoryMiB: 512, tempMiB: 16, tempDir }),
    decoder: { start: () => undefined } as never,
    planTable: unused,
    readView: unused,
  })
  const options = { signal: new AbortController().signal, onProgress: () => undefined, confirm: async () => true }
  const request = { sql, cursor: 0, connection: 'local', connections: ['local'], asOf: {}, maxRows: 1 }
  try {
    await session.run(request, options)
    return 'rows'
  } catch (error) {
    // A failure of Lakeshore itself fails the test.
    if (!(error instanceof AppError) || ERROR_CODES[error.code].status >= 500) throw error
    return error.message
  }
}

describe('A statement on the server', () => {
  it('that is nested too deeply is refused with a clear message', async () => {
    for (const [name, build] of Object.entries(DEEP_SQL))
      expect(await outcome(build(10 * MAX_SQL_DEPTH)), name).toContain(`nested more than ${MAX_SQL_DEPTH} deep`)
    expect(await outcome(`select ${'('.repeat(20_000)}1${')'.repeat(20_000)}`)).toContain('nested more than')
  })

  it('that DuckDB finds too deep is refused with its message', async () => {
    for (const name of ['negations', 'minus signs', 'sums', 'cases', 'casts after each other']) {
      const sql = WIDE_SQL[name]?.(4_500).replaceAll(' from a.t', '') ?? ''
      expect(await outcome(sql), name).toMatch(/rows|depth limit|memory exhausted/)
    }
    expect(await outcome('select 1')).toBe('rows')
  })
})
