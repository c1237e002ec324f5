import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { describeDatabase } from '@/testing/conformance/database'
import { expectNoFullScans } from '@/testing/conformance/query-plans/full-scans'
import { Recorder } from '@/testing/conformance/query-plans/recorder'
import { explainSqlite } from '@/testing/conformance/query-plans/sqlite-plans'
import { openTestDatabase } from '@/testing/databases/open-test-database'
import { SILENT_LOG } from '@/testing/silent-log'
import type { Database } from '../database'
import { SQLITE } from './dialect'
import { openSqlite } from './open'

const recorder = new Recorder()

async function open(): Promise<Database> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-conformance-'))
  const database = recorder.record(await openTestDatabase(path.join(folder, 'lakeshore.db')), SQLITE)
  const close = async () => {
    await database.close()
    rmSync(folder, { recursive: true })
  }
  return { ...database, close }
}

describeDatabase('SQLite', open)

test('No query of SQLite scans a whole table that grows', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-plans-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'lakeshore.db')
  await openSqlite(file, SILENT_LOG).close()
  const database = new DatabaseSync(file, { readOnly: true })
  onTestFinished(() => database.close())
  expect(recorder.statements.length).toBeGreaterThan(100)
  await expectNoFullScans(recorder.statements, (statement) => explainSqlite(database, statement))
})
