import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SILENT_LOG } from '@/testing/silent-log'
import { listAudit } from '../audit-list'
import { MIGRATION_NAMES } from '../migrations'
import { createCatalogTables } from './catalog-tables'
import { SQLITE_MIGRATIONS } from './migrations'
import { openSqlite } from './open'
import { prepareFile } from './prepare-file'

const LAST_OF_0_1 = 'table-folders'

type AuditRow = { id: string; at_ms: number } & Record<string, string | number | null>

const row = (id: string, at_ms: number, more: Record<string, string | null> = {}): AuditRow => ({
  id,
  at_ms,
  actor_id: 'u1',
  actor_name: 'ann',
  action: 'set-properties',
  catalog: 'local',
  namespace: 'demo',
  table_name: 't',
  table_uuid: 'uuid-1',
  before: null,
  after: null,
  request_id: null,
  undoes: null,
  via: null,
  ...more,
})

const version = (number: number) => `file:///warehouse/demo/t/metadata/0000${number}.metadata.json`
const at = (number: number) => ({ after: JSON.stringify({ metadataLocation: version(number) }) })

/** As they were written. Their ids do not give their order: that is by time and, within a millisecond, by row. */
const AUDIT_ROWS: readonly AuditRow[] = [
  row('m', 200, { action: 'create-table', request_id: 'r1', ...at(0) }),
  row('z', 300, { via: '{"client":"PyIceberg","token":"t"}', before: at(0).after, ...at(1) }),
  // Two more in the same millisecond.
  row('c', 300, { after: '{"metadataLocation":null,"properties":{"owner":"ann"}}' }),
  row('k', 300, { after: '{"properties":{"owner":"größe"}}' }),
  // The clock was set back, twice to the same time.
  row('x', 100, { ...at(2), undoes: 'z' }),
  row('a', 100, { action: 'drop-table', before: at(2).after }),
  row('b', 200, { action: 'create-user', catalog: null, namespace: null, table_name: null, table_uuid: null }),
]
const IDS_IN_ORDER = ['x', 'a', 'm', 'b', 'z', 'c', 'k']
const METADATA_LOCATIONS: Record<string, string> = { m: version(0), z: version(1), x: version(2) }

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-migrations-'))
  file = path.join(folder, 'lakeshore.db')
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

function createFileOf01(rows: readonly AuditRow[]): void {
  withFile((database) => {
    database.exec('PRAGMA journal_mode = WAL')
    createCatalogTables(database)
    database.exec('DROP INDEX lakeshore_tables_by_location')
    database.exec(
      'CREATE TABLE lakeshore_migrations (name TEXT NOT NULL PRIMARY KEY, applied_at_ms INTEGER NOT NULL) STRICT',
    )
    for (const { name, statements } of migrationsOf01()) {
      for (const statement of statements) database.exec(statement)
      database.prepare('INSERT INTO lakeshore_migrations VALUES (?, 1)').run(name)
    }
    for (const one of rows) insertAudit(database, one)
  })
}

function migrationsOf01() {
  const last = SQLITE_MIGRATIONS.findIndex(({ name }) => name === LAST_OF_0_1)
  expect(SQLITE_MIGRATIONS[last + 1]?.name).toBe('audit-seq')
  return SQLITE_MIGRATIONS.slice(0, last + 1)
}

function insertAudit(database: DatabaseSync, one: AuditRow): void {
  const columns = Object.keys(one)
  database
    .prepare(`INSERT INTO audit (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
    .run(...Object.values(one))
}

const auditRows = () => withFile((database) => database.prepare('SELECT * FROM audit ORDER BY seq').all())

describe('The audit of a file created by 0.1', () => {
  beforeEach(() => {
    createFileOf01(AUDIT_ROWS)
    prepareFile(file)
  })

  test('is complete, numbered in the order in which it was shown, with the version that each entry names', () => {
    const expected = IDS_IN_ORDER.map((id, index) => ({
      seq: index + 1,
      ...AUDIT_ROWS.find((one) => one.id === id),
      origin: null,
      outcome: null,
      metadata_location: METADATA_LOCATIONS[id] ?? null,
    }))
    expect(auditRows()).toEqual(expected)
  })

  test('is listed newest first, as before', async () => {
    const database = openSqlite(file, SILENT_LOG)
    const listed = await listAudit(database, { limit: 10 })
    const older = await listAudit(database, { limit: 2, before: 'z' })
    await database.close()
    expect(listed.map(({ id }) => id)).toEqual(IDS_IN_ORDER.toReversed())
    expect(older.map(({ id }) => id)).toEqual(['b', 'm'])
    expect(listed.find(({ id }) => id === 'z')).toMatchObject({ undoneBy: 'x', via: { client: 'PyIceberg' } })
  })

  test('adds new entries after the old ones, whatever the clock says', () => {
    withFile((database) => insertAudit(database, row('new', 1)))
    expect(auditRows().at(-1)).toMatchObject({ seq: AUDIT_ROWS.length + 1, id: 'new' })
  })

  test('still cannot be changed or removed', () => {
    const before = auditRows()
    withFile((database) => {
      expect(() => database.exec("UPDATE audit SET action = 'other' WHERE id = 'm'")).toThrow('never changed')
      expect(() => database.exec('UPDATE audit SET seq = seq + 100')).toThrow('never changed')
      expect(() => database.exec("DELETE FROM audit WHERE id = 'm'")).toThrow('never removed')
      expect(() => insertAudit(database, row('m', 1))).toThrow('UNIQUE')
    })
    expect(auditRows()).toEqual(before)
  })

  test('is migrated once', () => {
    const before = auditRows()
    prepareFile(file)
    expect(auditRows()).toEqual(before)
    const applied = withFile((database) => database.prepare('SELECT name FROM lakeshore_migrations').all())
    expect(new Set(applied.map(({ name }) => name))).toEqual(new Set(MIGRATION_NAMES))
    expect(applied).toHaveLength(MIGRATION_NAMES.length)
  })
})

test('A file of 0.1 with an empty audit is migrated too', () => {
  createFileOf01([])
  prepareFile(file)
  expect(auditRows()).toEqual([])
  withFile((database) => insertAudit(database, row('first', 5)))
  expect(auditRows()).toMatchObject([{ seq: 1, id: 'first' }])
})

test('A failed migration leaves the file as 0.1 created it', () => {
  createFileOf01(AUDIT_ROWS)
  withFile((database) => database.exec('CREATE TABLE audit_in_order (stands INTEGER)'))
  expect(() => prepareFile(file, 100)).toThrow(expect.objectContaining({ code: 'database-unavailable' }))
  const left = withFile((database) => database.prepare('SELECT * FROM audit ORDER BY rowid').all())
  expect(left).toEqual(AUDIT_ROWS)
})
