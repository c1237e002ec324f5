import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, UnexpectedChanges } from './database'
import { MIGRATIONS } from './migrations'
import { openDatabase } from './open-database'
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
  const database = openDatabase(file)
  open.add(database)
  return database
}

const key = (name: string, value = 'x') => ({
  sql: 'INSERT INTO lakeshore_migrations (name, applied_at_ms) VALUES (?, ?)',
  params: [name, value.length],
  expectedChanges: 1,
})
const names = (database: Database) =>
  database.read<{ name: string }>("SELECT name FROM lakeshore_migrations WHERE name LIKE 'k%' ORDER BY name")

describe('A new database file', () => {
  test('is its owner’s alone, in WAL mode, with every migration applied once', async () => {
    const database = opened()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(database.read('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
    const applied = database.read<{ name: string }>('SELECT name FROM lakeshore_migrations ORDER BY rowid')
    expect(applied.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name))
    prepareFile(file)
    expect(database.read('SELECT count(*) AS count FROM lakeshore_migrations')).toEqual([{ count: MIGRATIONS.length }])
  })

  test('is opened once per process', () => {
    expect(opened()).toBe(opened())
    expect(openDatabase(path.join(folder, 'home', '.', 'lakeshore.db'))).toBe(opened())
  })
})

describe('A catalog file of another program', () => {
  test('with V0 tables gets the type column, and keeps its rows', () => {
    prepareFile(file)
    const foreign = new DatabaseSync(file)
    foreign.exec(`DROP TABLE iceberg_tables; CREATE TABLE iceberg_tables (catalog_name VARCHAR(255) NOT NULL,
      table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000),
      previous_metadata_location VARCHAR(1000), PRIMARY KEY (catalog_name, table_namespace, table_name));
      INSERT INTO iceberg_tables VALUES ('local', 'demo', 'flights', 'file:///x', NULL)`)
    foreign.close()
    expect(opened().read('SELECT table_name, iceberg_type FROM iceberg_tables')).toEqual([
      { table_name: 'flights', iceberg_type: null },
    ])
  })

  test('that is kept locked cannot be opened, and says so', () => {
    prepareFile(file)
    const foreign = new DatabaseSync(file)
    foreign.exec('DROP TABLE audit; DELETE FROM lakeshore_migrations; BEGIN IMMEDIATE')
    expect(() => prepareFile(file, 100)).toThrow(expect.objectContaining({ code: 'catalog-unavailable' }))
    foreign.close()
  })
})

describe('A transaction', () => {
  test('is all of its statements, and read at once', async () => {
    const database = opened()
    expect(await database.transact([key('k1'), key('k2')])).toEqual([1, 1])
    expect(names(database)).toEqual([{ name: 'k1' }, { name: 'k2' }])
  })

  test('is none of them when one changes another number of rows than expected', async () => {
    const database = opened()
    const none = { sql: 'UPDATE lakeshore_migrations SET applied_at_ms = 1 WHERE name = ?', params: ['none'] }
    const lost = await database.transact([key('k1'), { ...none, expectedChanges: 1 }]).catch((error: unknown) => error)
    expect(lost).toBeInstanceOf(UnexpectedChanges)
    expect(lost).toMatchObject({ index: 1, changes: 0 })
    expect(names(database)).toEqual([])
    expect(await database.transact([none])).toEqual([0])
  })

  test('is none of them when one fails, and the next one works', async () => {
    const database = opened()
    await expect(database.transact([key('k1'), { sql: 'INSERT INTO nowhere VALUES (1)' }])).rejects.toThrow('nowhere')
    await expect(database.transact([key('k1'), key('k1')])).rejects.toThrow('UNIQUE')
    expect(names(database)).toEqual([])
    await database.transact([key('k1')])
    expect(names(database)).toEqual([{ name: 'k1' }])
  })

  test('comes after those asked for before it', async () => {
    const database = opened()
    await Promise.all(Array.from({ length: 50 }, (_, i) => database.transact([key(`k${String(i).padStart(2, '0')}`)])))
    const order = database.read<{ name: string }>(
      "SELECT name FROM lakeshore_migrations WHERE name LIKE 'k%' ORDER BY rowid",
    )
    expect(order.map(({ name }) => name)).toEqual(names(database).map(({ name }) => name))
  })

  test('keeps 64-bit integers, bytes and nulls as they are', async () => {
    const database = opened()
    await database.transact([
      { sql: 'CREATE TABLE exact (id INTEGER, bytes BLOB, empty TEXT)' },
      { sql: 'INSERT INTO exact VALUES (?, ?, ?)', params: [3051729675574597004n, new Uint8Array([1, 2]), null] },
    ])
    expect(database.read('SELECT CAST(id AS TEXT) AS id, bytes, empty FROM exact')).toEqual([
      { id: '3051729675574597004', bytes: new Uint8Array([1, 2]), empty: null },
    ])
    expect(() => database.read('SELECT id FROM exact')).toThrow('too large')
  })

  test('of more statements than are kept prepared works', async () => {
    const database = opened()
    const many = Array.from({ length: 250 }, (_, i) => ({ ...key(`k${i}`), sql: `${key('').sql} -- ${i}` }))
    await database.transact(many)
    for (let i = 0; i < 250; i += 1) expect(database.read(`SELECT ${i} AS i`)).toEqual([{ i }])
    expect(names(database)).toHaveLength(250)
  })
})

describe('While another program holds the lock', () => {
  test('a write waits for it without holding up reads, and then happens', async () => {
    const database = opened()
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const writing = database.transact([key('k1')])
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(names(database)).toEqual([])
    other.exec('ROLLBACK')
    other.close()
    expect(await writing).toEqual([1])
  })

  test('a write gives up in the end, and has changed nothing', async () => {
    const database = opened()
    const writer = new Writer(file, { patienceMs: 200 })
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    await expect(writer.transact([key('k1')])).rejects.toMatchObject({ code: 'catalog-unavailable' })
    other.exec('ROLLBACK')
    other.close()
    expect(names(database)).toEqual([])
    expect(await writer.transact([key('k1')])).toEqual([1])
    await writer.close()
  })

  test('so many writes wait and no more', async () => {
    opened()
    const writer = new Writer(file, { patienceMs: 100 })
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const waiting = Array.from({ length: 1001 }, () => writer.transact([key('k1')]).catch(() => 'refused'))
    await expect(writer.transact([key('k1')])).rejects.toMatchObject({ code: 'catalog-unavailable' })
    other.exec('ROLLBACK')
    other.close()
    await Promise.all(waiting)
    await writer.close()
    await expect(writer.transact([key('k1')])).rejects.toMatchObject({ code: 'catalog-unavailable' })
  })
})

test('A writer that cannot start is unavailable: nothing can have been changed', async () => {
  const writer = new Writer(path.join(folder, 'no', 'such', 'folder.db'))
  await expect(writer.transact([key('k1')])).rejects.toMatchObject({ code: 'catalog-unavailable' })
  await writer.close()
})

test('A disk that is full is storage-full, and nothing was changed', async () => {
  const database = opened()
  // SQLite's own limit gives the code of a full disk.
  await database.transact([{ sql: 'CREATE TABLE filling (bytes BLOB)' }])
  const [pages] = database.read<{ page_count: number }>('PRAGMA page_count')
  const writer = new Writer(file)
  await writer.transact([{ sql: `SELECT 1` }])
  await expect(
    writer.transact([
      { sql: `PRAGMA max_page_count = ${pages?.page_count ?? 0}` },
      { sql: 'INSERT INTO filling VALUES (zeroblob(1000000))' },
    ]),
  ).rejects.toMatchObject({ code: 'storage-full' })
  expect(database.read('SELECT * FROM filling')).toEqual([])
  await writer.close()
})
