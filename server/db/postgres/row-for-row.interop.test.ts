import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readAllTables, maskIdsAndTimes } from '@/testing/conformance/database/contents'
import { runSequence } from '@/testing/conformance/database/sequence'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { POSTGRES_AGES, type PostgresAge } from '@/testing/databases/install-postgres'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestDatabase, startSharedPostgres } from '@/testing/databases/test-postgres'
import type { Database } from '../database'
import { openSqlite } from '../sqlite/open'
import { openPostgres } from './open'

const oldest = await installOrSkip('PostgreSQL', () => startSharedPostgres('oldest'))

async function postgres(age: PostgresAge): Promise<Database> {
  const { url, drop } = await createTestDatabase(await startSharedPostgres(age))
  const database = await openPostgres({ url, schema: 'lakeshore', poolSize: 5, statementTimeoutMs: 30_000 }, SILENT_LOG)
  onTestFinished(async () => {
    await database.close()
    await drop()
  })
  return database
}

function sqlite(): Database {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-rows-'))
  const database = openSqlite(path.join(folder, 'lakeshore.db'), SILENT_LOG)
  onTestFinished(async () => {
    await database.close()
    rmSync(folder, { recursive: true })
  })
  return database
}

describe.skipIf(oldest === null)('The same sequence on both databases (skipped if PostgreSQL is not available)', () => {
  test.each(POSTGRES_AGES)('returns the same results and leaves the same rows in the %s PostgreSQL', async (age) => {
    const [one, other] = [sqlite(), await postgres(age)]
    const [sqliteTranscript, postgresTranscript] = [await runSequence(one), await runSequence(other)]
    expect(maskIdsAndTimes(postgresTranscript)).toBe(maskIdsAndTimes(sqliteTranscript))
    const contents = await readAllTables(one)
    expect(maskIdsAndTimes(await readAllTables(other))).toBe(maskIdsAndTimes(contents))
    const tables = new Set(contents.map(({ table }) => table))
    expect(tables.size).toBe(19)
  })
})
