import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { SQLITE_MIGRATIONS } from './migrations'
import { prepareFile } from './prepare-file'

it('Runs of an earlier version survive the migration unchanged', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-migration-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'lakeshore.db')
  prepareFile(file)
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  const before = SQLITE_MIGRATIONS.find(({ name }) => name === 'runs')
  for (const statement of ['DROP TABLE runs', 'DROP TABLE workers', ...(before?.statements ?? [])])
    database.exec(statement)
  for (const table of ['run_logs', 'schedules']) database.exec(`DROP TABLE ${table}`)
  database.exec(`INSERT INTO runs (id, kind, state, spec, actor, catalog, namespace, table_name, created_at_ms, started_at_ms,
      attempt, lease_owner, lease_until_ms, journal)
    VALUES ('A', 'ingest', 'running', '{}', '{}', 'local', 'ns', 't', 1, 2, 3, 'w', 4, '{"n":1}')`)
  for (const statement of SQLITE_MIGRATIONS.find(({ name }) => name === 'jobs')?.statements ?? [])
    database.exec(statement)
  expect(database.prepare('SELECT * FROM runs').all()).toMatchObject([
    { id: 'A', state: 'running', table_name: 't', attempt: 3, tried_at_ms: 2, retries: 0, journal: '{"n":1}' },
  ])
})
