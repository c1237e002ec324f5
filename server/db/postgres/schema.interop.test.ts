import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Schema, readPostgresSchema, readSqliteSchema } from '@/testing/conformance/database/schema'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { POSTGRES_AGES, type PostgresAge } from '@/testing/databases/install-postgres'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestDatabase, startSharedPostgres } from '@/testing/databases/test-postgres'
import { prepareFile } from '../sqlite/prepare-file'
import { openPostgres } from './open'

const oldest = await installOrSkip('PostgreSQL', () => startSharedPostgres('oldest'))

function newSqlite(): Schema {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-schema-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'lakeshore.db')
  prepareFile(file)
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  return readSqliteSchema(database)
}

async function newPostgres(age: PostgresAge): Promise<Schema> {
  const { url, drop } = await createTestDatabase(await startSharedPostgres(age))
  onTestFinished(drop)
  await (await openPostgres({ url, schema: 'lakeshore', poolSize: 2, statementTimeoutMs: 30_000 }, SILENT_LOG)).close()
  const client = new Client({ connectionString: url, options: '-c search_path=lakeshore' })
  await client.connect()
  onTestFinished(() => client.end())
  return readPostgresSchema(client, 'lakeshore')
}

describe.skipIf(oldest === null)('The tables (skipped if PostgreSQL is not available)', () => {
  test.each(POSTGRES_AGES)('of a new database in the %s PostgreSQL are the same as in SQLite', async (age) => {
    const [sqlite, { commit_fences: fences, ...postgres }] = [newSqlite(), await newPostgres(age)]
    expect(postgres).toEqual(sqlite)
    expect(fences).toBeDefined()
    expect(Object.keys(sqlite)).toHaveLength(73)
    expect(sqlite.users?.uniques).toEqual(['id', 'lower(username)'])
    expect(sqlite.connection_credentials?.references).toHaveLength(2)
    expect(sqlite.runs?.checks).toEqual(['state: queued, running, succeeded, failed, cancelled'])
  })
})
