import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SILENT_LOG } from '@/testing/silent-log'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { openDatabase } from '@/server/db/open-database'
import { listUsers } from '@/server/db/auth/users'
import { type Database, UnexpectedChanges } from '../database'
import { migrationNames } from '../migrations'
import { openSqlite } from './open'
import { prepareFile } from './prepare-file'
import { Writer } from './writer'

let folder: string
let file: string
const open = new Set<Database>()

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'database-'))
  file = path.join(folder, 'home', 'lakeshore.db')
})
afterEach(async () => {
  await Promise.all([...open].map((database) => database.close()))
  open.clear()
  await rm(folder, { recursive: true })
})

function opened(): Database {
  const database = openSqlite(file, SILENT_LOG)
  open.add(database)
  return database
}

const INSERT = 'INSERT INTO workers (id, seen_at_ms) VALUES (?, 1)'
const key = (name: string) => rawChange(INSERT, [name], 1)
/** The statement as the writer receives it. */
const keyStatement = (name: string) => ({ sql: INSERT, params: [name], expectedRows: 1 })
const keys = async (database: Database, order = 'id') => {
  const rows = await database.read(rawQuery<{ id: string }>(`SELECT id FROM workers ORDER BY ${order}`))
  return rows.map(({ id }) => id)
}

describe('A new database file', () => {
  test('is readable only by its owner, in WAL mode, with every migration applied once', async () => {
    const database = opened()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await database.read(rawQuery('PRAGMA journal_mode'))).toEqual([{ journal_mode: 'wal' }])
    const applied = () => database.read(rawQuery('SELECT name FROM lakeshore_migrations ORDER BY rowid'))
    expect(await applied()).toEqual(migrationNames().map((name) => ({ name })))
    prepareFile(file)
    expect(await applied()).toHaveLength(migrationNames().length)
  })
})

test('The database of a home is created at its first use, and refuses to be used after it was closed', async () => {
  const database = openDatabase({ databaseFile: file, postgres: null }, SILENT_LOG)
  expect(existsSync(file)).toBe(false)
  await Promise.all([listUsers(database), listUsers(database)])
  expect(existsSync(file)).toBe(true)
  await database.close()
  await expect(listUsers(database)).rejects.toMatchObject({ code: 'database-unavailable' })
})

test('A database that could not be opened is opened again at its next use', async () => {
  const database = openDatabase({ databaseFile: file, postgres: null }, SILENT_LOG)
  await writeFile(path.dirname(file), 'in the way')
  await expect(listUsers(database)).rejects.toMatchObject({ code: 'database-unavailable' })
  await rm(path.dirname(file))
  await mkdir(path.dirname(file))
  expect(await listUsers(database)).toEqual([])
  await database.close()
})

describe('A catalog file of another program', () => {
  test('with V0 tables gets the type column, and keeps its rows', async () => {
    prepareFile(file)
    const foreign = new DatabaseSync(file)
    foreign.exec(`DROP TABLE iceberg_tables; CREATE TABLE iceberg_tables (catalog_name VARCHAR(255) NOT NULL,
      table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000),
      previous_metadata_location VARCHAR(1000), PRIMARY KEY (catalog_name, table_namespace, table_name));
      INSERT INTO iceberg_tables VALUES ('local', 'demo', 'flights', 'file:///x', NULL)`)
    foreign.close()
    expect(await opened().read(rawQuery('SELECT table_name, iceberg_type FROM iceberg_tables'))).toEqual([
      { table_name: 'flights', iceberg_type: null },
    ])
  })

  test('that stays locked cannot be opened, and the error says so', () => {
    prepareFile(file)
    const foreign = new DatabaseSync(file)
    foreign.exec('DROP TABLE audit; DELETE FROM lakeshore_migrations; BEGIN IMMEDIATE')
    expect(() => prepareFile(file, { budgetMs: 100 })).toThrow(
      expect.objectContaining({ code: 'database-unavailable' }),
    )
    foreign.close()
  })
})

describe('A transaction', () => {
  test('applies all of its statements, and is visible to the next read', async () => {
    const database = opened()
    expect(await database.commit([key('k1'), key('k2')])).toEqual([1, 1])
    expect(await keys(database)).toEqual(['k1', 'k2'])
  })

  test('applies none of them when one changes another number of rows than expected', async () => {
    const database = opened()
    const none = (expectedRows?: number) =>
      rawChange('UPDATE workers SET seen_at_ms = 1 WHERE id = ?', ['none'], expectedRows)
    const lost = await database.commit([key('k1'), none(1)]).catch((error: unknown) => error)
    expect(lost).toBeInstanceOf(UnexpectedChanges)
    expect(lost).toMatchObject({ index: 1, changes: 0 })
    expect(await keys(database)).toEqual([])
    expect(await database.commit([none()])).toEqual([0])
  })

  test('applies none of them when one fails, and the next transaction works', async () => {
    const database = opened()
    await expect(database.commit([key('k1'), rawChange('INSERT INTO nowhere VALUES (1)')])).rejects.toThrow('nowhere')
    const twice = await database.commit([key('k1'), key('k1')]).catch((error: unknown) => error)
    expect(twice).toBeInstanceOf(UnexpectedChanges)
    expect(twice).toMatchObject({ index: 1, changes: 0 })
    expect(await keys(database)).toEqual([])
    await database.commit([key('k1')])
    expect(await keys(database)).toEqual(['k1'])
  })

  test('runs after those that were requested before it', async () => {
    const database = opened()
    await Promise.all(Array.from({ length: 50 }, (_, i) => database.commit([key(`k${String(i).padStart(2, '0')}`)])))
    expect(await keys(database, 'rowid')).toEqual(await keys(database))
  })

  test('stores 64-bit integers, bytes and nulls unchanged', async () => {
    const database = opened()
    await database.commit([
      rawChange('CREATE TABLE exact (id INTEGER, bytes BLOB, empty TEXT)'),
      rawChange('INSERT INTO exact VALUES (?, ?, ?)', [3051729675574597004n, new Uint8Array([1, 2]), null]),
    ])
    expect(await database.read(rawQuery('SELECT CAST(id AS TEXT) AS id, bytes, empty FROM exact'))).toEqual([
      { id: '3051729675574597004', bytes: new Uint8Array([1, 2]), empty: null },
    ])
    await expect(database.read(rawQuery('SELECT id FROM exact'))).rejects.toThrow('too large')
  })

  test('of more statements than the cache holds works', async () => {
    const database = opened()
    await database.commit(Array.from({ length: 250 }, (_, i) => rawChange(`${INSERT} -- ${i}`, [`k${i}`], 1)))
    for (let i = 0; i < 250; i += 1) expect(await database.read(rawQuery(`SELECT ${i} AS i`))).toEqual([{ i }])
    expect(await keys(database)).toHaveLength(250)
  })
})

describe('While another program holds the lock', () => {
  test('a write waits for it without blocking reads, and then succeeds', async () => {
    const database = opened()
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const writing = database.commit([key('k1')])
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await keys(database)).toEqual([])
    other.exec('ROLLBACK')
    other.close()
    expect(await writing).toEqual([1])
  })

  test('a write fails in the end, and has changed nothing', async () => {
    const database = opened()
    const writer = new Writer(file, { lockBudgetMs: 200 })
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    await expect(writer.transact([keyStatement('k1')])).rejects.toMatchObject({ code: 'database-busy' })
    other.exec('ROLLBACK')
    other.close()
    expect(await keys(database)).toEqual([])
    expect(await writer.transact([keyStatement('k1')])).toEqual([1])
    await writer.close()
  })

  test('only a limited number of writes wait', async () => {
    opened()
    const writer = new Writer(file, { lockBudgetMs: 100 })
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const waiting = Array.from({ length: 1001 }, () => writer.transact([keyStatement('k1')]).catch(() => 'refused'))
    await expect(writer.transact([keyStatement('k1')])).rejects.toMatchObject({ code: 'database-busy' })
    other.exec('ROLLBACK')
    other.close()
    await Promise.all(waiting)
    await writer.close()
    await expect(writer.transact([keyStatement('k1')])).rejects.toMatchObject({ code: 'database-unavailable' })
  })
})

test('If the writer cannot start, the database is unavailable and nothing was changed', async () => {
  const writer = new Writer(path.join(folder, 'no', 'such', 'folder.db'))
  await expect(writer.transact([keyStatement('k1')])).rejects.toMatchObject({ code: 'database-unavailable' })
  await writer.close()
})

test('A full disk is reported as storage-full, and nothing was changed', async () => {
  const database = opened()
  // SQLite's own limit returns the code of a full disk.
  await database.commit([rawChange('CREATE TABLE filling (bytes BLOB)')])
  const [pages] = await database.read(rawQuery<{ page_count: number }>('PRAGMA page_count'))
  const writer = new Writer(file)
  await writer.transact([{ sql: `SELECT 1` }])
  await expect(
    writer.transact([
      { sql: `PRAGMA max_page_count = ${pages?.page_count ?? 0}` },
      { sql: 'INSERT INTO filling VALUES (zeroblob(1000000))' },
    ]),
  ).rejects.toMatchObject({ code: 'storage-full' })
  expect(await database.read(rawQuery('SELECT * FROM filling'))).toEqual([])
  await writer.close()
})
