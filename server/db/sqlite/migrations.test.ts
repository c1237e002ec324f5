import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Migration } from '../migrations'
import { prepareFile } from './prepare-file'

/** Sample migrations of later versions. */
const FIRST: Migration = {
  name: 'notes',
  sqlite: ["ALTER TABLE users ADD COLUMN note TEXT DEFAULT 'none'"],
  postgres: [],
}
const SECOND: Migration = { name: 'noted', sqlite: ["UPDATE users SET note = username || ' noted'"], postgres: [] }

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-migrations-'))
  file = path.join(folder, 'lakeshore.db')
  prepareFile(file, { migrations: [] })
  withFile((database) =>
    database.exec("INSERT INTO users VALUES ('u1', 'ann', 'h', 0, 'viewer', 1, 1, NULL, 1, NULL, NULL)"),
  )
})
afterEach(() => rmSync(folder, { recursive: true }))

function withFile<T>(work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file)
  try {
    return work(database)
  } finally {
    database.close()
  }
}

const select = (sql: string) => withFile((database) => database.prepare(sql).all())
const appliedNames = () => select('SELECT name FROM lakeshore_migrations ORDER BY rowid').map(({ name }) => name)

describe('A file of the baseline that a later version opens', () => {
  test('gets the migrations of that version in their order, once, and keeps its rows', () => {
    prepareFile(file, { migrations: [FIRST, SECOND] })
    expect(select('SELECT username, note FROM users')).toEqual([{ username: 'ann', note: 'ann noted' }])
    withFile((database) => database.exec("UPDATE users SET note = 'changed'"))
    prepareFile(file, { migrations: [FIRST, SECOND] })
    expect(select('SELECT note FROM users')).toEqual([{ note: 'changed' }])
    expect(appliedNames()).toEqual(['baseline', 'notes', 'noted'])
  })

  test('gets the migration that it lacks', () => {
    prepareFile(file, { migrations: [FIRST] })
    expect(select('SELECT note FROM users')).toEqual([{ note: 'none' }])
    prepareFile(file, { migrations: [FIRST, SECOND] })
    expect(select('SELECT note FROM users')).toEqual([{ note: 'ann noted' }])
  })

  test('stays as it was when one of them fails', () => {
    const before = select('SELECT * FROM users')
    const failing = { ...SECOND, sqlite: [...SECOND.sqlite, 'UPDATE missing SET note = 1'] }
    expect(() => prepareFile(file, { budgetMs: 100, migrations: [FIRST, failing] })).toThrow(
      expect.objectContaining({ code: 'database-unavailable', message: expect.stringContaining('missing') }),
    )
    expect(select('SELECT * FROM users')).toEqual(before)
    expect(appliedNames()).toEqual(['baseline'])
  })

  test('is refused by the version before', () => {
    prepareFile(file, { migrations: [FIRST, SECOND] })
    expect(() => prepareFile(file, { migrations: [FIRST] })).toThrow(/newer version of Lakeshore.*\(noted\)/)
    expect(() => prepareFile(file, { migrations: [] })).toThrow(/newer version of Lakeshore.*\(noted, notes\)/)
  })
})

test('A proposal that was sent back before there were proposals of namespaces keeps its comment', () => {
  withFile((database) =>
    database.exec(`INSERT INTO proposals (id, entry_kind, catalog, table_uuid, namespace, table_name, title, note, action,
      proposer_id, proposer_name, created_at_ms, expires_at_ms, state, decided_by, decided_at_ms, word)
      VALUES ('p', 'table', 'local', 'uuid', 'ns', 't', 'title', '', '{}', 'u1', 'ann', 1, 2, 'returned', 'eve', 2, 'no')`),
  )
  prepareFile(file)
  expect(select('SELECT id, comment FROM proposals')).toEqual([{ id: 'p', comment: 'no' }])
})

test('A query that was saved before there were versions begins with the one that it has', () => {
  withFile((database) =>
    database.exec(`INSERT INTO saved_queries (id, owner_id, owner_name, name, sql, is_shared, created_at_ms, changed_at_ms,
      changed_by, version) VALUES ('q', 'u1', 'ann', 'delays', 'select 1', 1, 1, 5, 'eve', 4)`),
  )
  prepareFile(file)
  expect(select('SELECT * FROM saved_query_versions')).toEqual([
    {
      query_id: 'q',
      version: 4,
      name: 'delays',
      sql: 'select 1',
      parameters: '[]',
      display: null,
      connection: null,
      is_shared: 1,
      saved_at_ms: 5,
      saved_by: 'eve',
    },
  ])
  expect(select('SELECT folder, display FROM saved_queries')).toEqual([{ folder: null, display: null }])
})

test.each([
  ['the embedded catalog, if no other is connected', false, 'local'],
  ['an unknown one, if another catalog is connected', true, null],
])('The names of a query that was saved without a connection mean %s', (_meaning, isConnected, connection) => {
  withFile((database) => {
    database.exec(`INSERT INTO saved_queries (id, owner_id, owner_name, name, sql, is_shared, created_at_ms, changed_at_ms,
      changed_by, version) VALUES ('q', 'u1', 'ann', 'delays', 'from demo.t', 1, 1, 5, 'eve', 4)`)
    database.exec(`INSERT INTO iceberg_namespace_properties VALUES ('local', 'demo', 'exists', 'true')`)
    if (!isConnected) return
    database.exec(`INSERT INTO connections (id, name, kind, settings, sealed, version, created_by, created_at_ms, changed_by,
      changed_at_ms) VALUES ('c', 'rem', 'rest', '{}', '{}', 1, 'ann', 1, 'ann', 1)`)
  })
  prepareFile(file)
  expect(select('SELECT connection FROM saved_queries')).toEqual([{ connection }])
  expect(select('SELECT connection FROM saved_query_versions')).toEqual([{ connection }])
})

test('The snapshots of commits before the upgrade have the audit entry that knows their writer', () => {
  const snapshots = (...ids: string[]) =>
    JSON.stringify({
      properties: { nul: 'a\0b' },
      snapshots: ids.map((snapshotId) => ({ snapshotId, operation: 'x' })),
    })
  withFile((database) => {
    const insert = database.prepare(
      `INSERT INTO audit (id, at_ms, actor_id, actor_name, action, table_uuid, after, outcome)
        VALUES (?, 1, 'u1', 'ann', ?, 'uuid', ?, ?)`,
    )
    insert.run('a', 'append', snapshots('9223372036854775807'), null)
    insert.run('b', 'overwrite', snapshots('1', '2'), 'committed')
    insert.run('c', 'append', snapshots('3'), 'unknown')
    insert.run('d', 'register-table', snapshots('1'), null)
    insert.run('e', 'set-properties', JSON.stringify({ properties: { p: '"snapshots":[{"snapshotId":"4"' } }), null)
    insert.run('f', 'drop-table', null, null)
  })
  prepareFile(file)
  expect(select('SELECT * FROM snapshot_writers ORDER BY audit_id, snapshot_id')).toEqual([
    { table_uuid: 'uuid', snapshot_id: '9223372036854775807', audit_id: 'a' },
    { table_uuid: 'uuid', snapshot_id: '1', audit_id: 'b' },
    { table_uuid: 'uuid', snapshot_id: '2', audit_id: 'b' },
  ])
})

test('Tables of the search index are read again, so that lists can ask for their sizes', () => {
  withFile((database) => {
    const insert = database.prepare(
      `INSERT INTO search_objects (catalog, namespace, name, kind, folded, text, is_cut) VALUES ('c', 'n', ?, ?, ?, ?, 0)`,
    )
    for (const [name, kind] of [
      ['', 'namespace'],
      ['t', 'table'],
      ['waits', 'table'],
      ['v', 'view'],
    ] as const)
      insert.run(name, kind, name, name)
    database.exec(
      `INSERT INTO search_pending (catalog, namespace, name, version, attempts, due_at_ms) VALUES ('c', 'n', 'waits', 7, 1, 9)`,
    )
  })
  prepareFile(file)
  expect(select('SELECT name, version, due_at_ms FROM search_pending ORDER BY name')).toEqual([
    { name: 't', version: 0, due_at_ms: 0 },
    { name: 'waits', version: 7, due_at_ms: 9 },
  ])
  expect(select("SELECT live_bytes, data_file_count FROM search_objects WHERE name = 't'")).toEqual([
    { live_bytes: null, data_file_count: null },
  ])
})

test('A new file gets the baseline and all migrations', () => {
  rmSync(folder, { recursive: true })
  prepareFile(file, { migrations: [FIRST, SECOND] })
  expect(appliedNames()).toEqual(['baseline', 'notes', 'noted'])
  expect(select('SELECT note FROM users')).toEqual([])
})
