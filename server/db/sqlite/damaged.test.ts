import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { probeRead, probeWrite } from '../health'
import { migrationNames } from '../migrations'
import { openSqlite } from './open'
import { prepareFile } from './prepare-file'

createTestHome()

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'damaged-'))
  file = path.join(folder, 'lakeshore.db')
  prepareFile(file)
  const database = new DatabaseSync(file)
  database.exec(`INSERT INTO audit (id, at_ms, actor_id, actor_name, action)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    SELECT printf('%026d', i), i, 'a', 'a', 'act' FROM n`)
  database.close()
})
afterEach(() => rmSync(folder, { recursive: true }))

const DAMAGED = expect.objectContaining({ code: 'database-damaged', message: expect.stringContaining('restore') })

const PAGE_BYTES = 4096

/** Overwrites the beginning of pages, as a failing disk would. */
function damagePages(pages: readonly number[]): void {
  const disk = openSync(file, 'r+')
  for (const page of pages) writeSync(disk, Buffer.alloc(64, 0xa5), 0, 64, (page - 1) * PAGE_BYTES)
  closeSync(disk)
}

/** The root page of this table or index, and the number of pages. */
function readPages(name: string): { root: number; count: number } {
  const database = new DatabaseSync(file, { readOnly: true })
  const root = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(name)?.rootpage
  const count = database.prepare('PRAGMA page_count').get()?.page_count
  expect(database.prepare('PRAGMA page_size').get()).toEqual({ page_size: PAGE_BYTES })
  database.close()
  return { root: Number(root), count: Number(count) }
}

/** Damages every page of the audit and its indexes except their roots. */
function flipAuditPages(): void {
  const database = new DatabaseSync(file, { readOnly: true })
  const roots = database.prepare('SELECT rootpage FROM sqlite_schema').all()
  database.close()
  const spared = new Set([1, ...roots.map(({ rootpage }) => Number(rootpage))])
  const { count } = readPages('audit')
  damagePages(Array.from({ length: count }, (_, i) => i + 1).filter((page) => !spared.has(page)))
}

describe('A database with flipped bytes in its pages', () => {
  test('that a start reads is refused with a readable error', async () => {
    flipAuditPages()
    expect(() => openSqlite(file, SILENT_LOG)).toThrow(DAMAGED)
  })

  test('in a table that a request reads fails the request with a readable error, and nothing is written from then on', async () => {
    damagePages([readPages('sqlite_autoindex_users_1').root])
    const database = openSqlite(file, SILENT_LOG)
    await probeWrite(database)
    const byId = rawQuery('SELECT * FROM users INDEXED BY sqlite_autoindex_users_1 WHERE id = ?', ['x'])
    await expect(database.read(byId)).rejects.toEqual(DAMAGED)
    await expect(probeWrite(database)).rejects.toEqual(DAMAGED)
    expect(await database.read(rawQuery('SELECT id FROM workers'))).toEqual([])
    await database.close()
  })

  test('in an index that only writes use fails the write with a readable error, and every later write', async () => {
    damagePages([readPages('audit_by_version').root])
    const database = openSqlite(file, SILENT_LOG)
    await probeWrite(database)
    const entry = "INSERT INTO audit (id, at_ms, actor_id, actor_name, action) VALUES ('z', 1, 'a', 'a', 'act')"
    await expect(database.commit([rawChange(entry)])).rejects.toEqual(DAMAGED)
    await expect(probeWrite(database)).rejects.toEqual(DAMAGED)
    await database.close()
  })

  test('is detected by the health check in the tables that it reads', async () => {
    damagePages([readPages('sqlite_autoindex_runs_1').root])
    const database = openSqlite(file, SILENT_LOG)
    await expect(probeRead(database)).rejects.toEqual(DAMAGED)
    await database.close()
  })
})

describe('A file that is no longer a database', () => {
  test.each([
    ['with another header', () => writeFileSync(file, Buffer.alloc(8192, 'no database'))],
    ['cut off after half a page', () => writeFileSync(file, Buffer.from('SQLite format 3\0'.padEnd(600, '\x01')))],
  ])('%s is refused when it is opened, and stays unchanged', (_, damage) => {
    damage()
    expect(() => openSqlite(file, SILENT_LOG)).toThrow(DAMAGED)
  })
})

test('A database that a newer version of Lakeshore changed is refused, and stays unchanged', () => {
  const database = new DatabaseSync(file)
  database.exec("INSERT INTO lakeshore_migrations VALUES ('of-tomorrow', 1)")
  database.close()
  expect(() => openSqlite(file, SILENT_LOG)).toThrow(
    expect.objectContaining({ code: 'database-unavailable', message: expect.stringContaining('of-tomorrow') }),
  )
  const after = new DatabaseSync(file, { readOnly: true })
  expect(after.prepare('SELECT count(*) AS count FROM lakeshore_migrations').get()).toEqual({
    count: migrationNames().length + 1,
  })
  after.close()
})
