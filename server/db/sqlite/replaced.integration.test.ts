import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { auditChange } from '../audit'
import { openSqliteSource } from '../copy/sqlite-endpoint'
import type { Database } from '../database'
import { openSqlite } from './open'

createTestHome()

let folder: string
let file: string
let older: string
let database: Database

/** The older copy has one audit entry less than the process has seen. */
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'replaced-'))
  file = path.join(folder, 'lakeshore.db')
  older = path.join(folder, 'older.db')
  database = openSqlite(file, SILENT_LOG)
  await addEntry()
  await copyTo(older)
  await addEntry()
})
afterEach(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

let entries = 0
function addEntry(): Promise<number[]> {
  entries += 1
  return database.commit([
    auditChange({
      actor: { userId: 'u', username: 'u' },
      action: `entry-${entries}`,
      table: null,
      tableUuid: null,
      before: null,
      after: null,
      requestId: null,
      undoes: null,
    }),
  ])
}

async function copyTo(copy: string): Promise<void> {
  const source = new DatabaseSync(file, { readOnly: true })
  await backup(source, copy)
  source.close()
}

function checkpoint(): void {
  const other = new DatabaseSync(file)
  other.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  other.close()
}

/** Counts the audit entries of a file on disk, with its log. */
function countEntries(of: string): number {
  const other = new DatabaseSync(of)
  const row = other.prepare('SELECT count(*) AS count FROM audit').get()
  other.close()
  return Number(row?.count)
}

/** However the replacement is detected, the advice is the same. */
const REPLACED = expect.objectContaining({
  code: 'database-replaced',
  message: expect.stringMatching(
    /Stop every Lakeshore process.*remove lakeshore.db-wal and lakeshore.db-shm, restore a complete copy/,
  ),
})
const FOREIGN_LOG = expect.objectContaining({
  code: 'database-damaged',
  message: expect.stringMatching(
    /lakeshore.db cannot be used together.*Nothing was changed.*remove .*-wal .*complete copy/,
  ),
})

/** Fills the file from another process, which is killed while the last part is only in its log. */
async function fillAndKill(): Promise<void> {
  const insert = "INSERT INTO idempotency VALUES (hex(randomblob(16)), 'b', 'o', hex(randomblob(300)), 1)"
  const program = `
    const { DatabaseSync } = require('node:sqlite')
    const database = new DatabaseSync(process.argv[1])
    database.exec('PRAGMA wal_autocheckpoint = 0')
    const fill = (count) => {
      database.exec('BEGIN')
      for (let i = 0; i < count; i += 1) database.exec(${JSON.stringify(insert)})
      database.exec('COMMIT')
    }
    fill(1000)
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    fill(100)
    console.log('filled')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['-e', program, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Digests of the file and its log on disk. */
function digestsOfBoth(): string[] {
  return ['', '-wal'].map((suffix) =>
    createHash('sha256')
      .update(readFileSync(file + suffix))
      .digest('hex'),
  )
}

/** The first refusal must not remove files that the second one needs. */
function digestsAfterRefusedStarts(): string[] {
  for (let start = 0; start < 2; start += 1) expect(() => openSqlite(file, SILENT_LOG)).toThrow(FOREIGN_LOG)
  return digestsOfBoth()
}
const probe = () => rawChange('INSERT INTO workers (id, seen_at_ms) VALUES (?, 1)', [`w${(entries += 1)}`])

describe('A database that is replaced while a process has it open', () => {
  test('by renaming an older one is not written to until the process ends, nor is the older one', async () => {
    renameSync(older, file)
    await expect(addEntry()).rejects.toEqual(REPLACED)
    await expect(database.commit([probe()])).rejects.toEqual(REPLACED)
    const bytes = readFileSync(file)
    await database.close()
    expect(readFileSync(file)).toEqual(bytes)
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix)
    database = openSqlite(file, SILENT_LOG)
    await addEntry()
    expect(countEntries(file)).toBe(2)
  })

  test('before the process has written anything is not written to either', async () => {
    await database.close()
    database = openSqlite(file, SILENT_LOG)
    renameSync(older, file)
    await expect(addEntry()).rejects.toEqual(REPLACED)
    expect(countEntries(file)).toBe(1)
  })

  test('or removed is not created again', async () => {
    await database.close()
    database = openSqlite(file, SILENT_LOG)
    renameSync(file, path.join(folder, 'elsewhere.db'))
    await expect(addEntry()).rejects.toEqual(REPLACED)
    expect(() => readFileSync(file)).toThrow('ENOENT')
  })

  test('in place, with its log removed, is not written to', async () => {
    copyFileSync(older, file)
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix)
    await expect(addEntry()).rejects.toEqual(REPLACED)
    await expect(database.commit([probe()])).rejects.toEqual(REPLACED)
  })

  test('in place, next to a log with newer entries, is not written to, even when the process ends', async () => {
    checkpoint()
    await addEntry()
    copyFileSync(older, file)
    await expect(addEntry()).rejects.toEqual(REPLACED)
    await database.close()
    expect(readFileSync(file)).toEqual(readFileSync(older))
  })

  test('in place, by SQLite’s own restore, is not written to: it lacks an entry that the process has seen', async () => {
    const source = new DatabaseSync(older, { readOnly: true })
    const rows = source.prepare('SELECT * FROM audit').all()
    source.close()
    expect(rows).toHaveLength(1)
    // Like `.restore`: a transaction of SQLite that replaces the content by the older one.
    const other = new DatabaseSync(file)
    other.exec('DROP TRIGGER audit_is_never_removed; DELETE FROM audit WHERE seq = 2')
    other.close()
    await expect(database.commit([probe()])).rejects.toEqual(REPLACED)
    expect(await database.read(rawQuery('SELECT id FROM workers'))).toEqual([])
  })

  test('by one with as many entries, but different ones, is not written to', async () => {
    const other = new DatabaseSync(file)
    other.exec("DROP TRIGGER audit_is_never_changed; UPDATE audit SET id = 'another' WHERE seq = 2")
    other.close()
    await expect(database.commit([probe()])).rejects.toEqual(REPLACED)
  })
})

describe('A database that was replaced next to the log of the previous one', () => {
  test('is left unchanged by each process that ends, and no start uses it until the log is gone', async () => {
    const reading = openSqlite(file, SILENT_LOG)
    const writing = openSqlite(file, SILENT_LOG)
    await writing.commit([probe()])
    copyFileSync(older, file)
    for (const each of [reading, writing, database]) await each.close()
    expect(readFileSync(file).equals(readFileSync(older))).toBe(true)
    // The log has everything that the older one lacks: the pages fit, and yet the two do not belong together.
    const both = digestsOfBoth()
    expect(digestsAfterRefusedStarts()).toEqual(both)
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix)
    copyFileSync(older, file)
    database = openSqlite(file, SILENT_LOG)
    await addEntry()
    expect(countEntries(file)).toBe(2)
    expect(existsSync(`${file}-replaced`)).toBe(false)
  })

  test('is detected by an idle process', async () => {
    await database.close()
    database = openSqlite(file, SILENT_LOG)
    await addEntry()
    renameSync(older, file)
    await vi.waitFor(() => expect(existsSync(`${file}-replaced`)).toBe(true), { timeout: 50_000 })
    await expect(addEntry()).rejects.toEqual(REPLACED)
  })

  test('is used again once the right one is restored', async () => {
    await database.close()
    database = openSqlite(file, SILENT_LOG)
    await addEntry()
    const right = path.join(folder, 'right.db')
    renameSync(file, right)
    renameSync(older, file)
    await expect(addEntry()).rejects.toEqual(REPLACED)
    await database.close()
    const both = digestsOfBoth()
    expect(digestsAfterRefusedStarts()).toEqual(both)
    renameSync(right, file)
    database = openSqlite(file, SILENT_LOG)
    await addEntry()
    expect(countEntries(file)).toBe(4)
  })

  test('is refused after all processes were killed, and both files stay unchanged', async () => {
    await database.close()
    await fillAndKill()
    copyFileSync(older, file)
    const both = digestsOfBoth()
    expect(digestsAfterRefusedStarts()).toEqual(both)
    expect(() => openSqliteSource(file)).toThrow(FOREIGN_LOG)
    expect(digestsOfBoth()).toEqual(both)
  })

  test('is refused when it is removed, and no new one is created', async () => {
    await database.close()
    await fillAndKill()
    rmSync(file)
    expect(() => openSqlite(file, SILENT_LOG)).toThrow(FOREIGN_LOG)
    expect(existsSync(file)).toBe(false)
  })
})

describe('A database that is not replaced', () => {
  test('has all that was committed when every process was killed', async () => {
    await database.close()
    await fillAndKill()
    database = openSqlite(file, SILENT_LOG)
    expect(await database.read(rawQuery('SELECT count(*) AS count FROM idempotency'))).toEqual([{ count: 1100 }])
  })

  test('is written to through every kind of checkpoint, by this process and by others', async () => {
    for (const kind of ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE']) {
      for (let round = 0; round < 3; round += 1) {
        await addEntry()
        const other = new DatabaseSync(file)
        other.exec(`PRAGMA wal_checkpoint(${kind})`)
        other.close()
        await database.commit([probe()])
      }
    }
    expect(countEntries(file)).toBe(14)
  })

  test('is written to by connections of two processes while checkpoints run continuously', async () => {
    const second = openSqlite(file, SILENT_LOG)
    const large = 'x'.repeat(20_000)
    const add = (to: Database, name: string) =>
      to.commit([rawChange('INSERT INTO idempotency VALUES (?, ?, ?, ?, 1)', [name, name, 'o', large])])
    const checkpoints = setInterval(checkpoint, 5)
    try {
      // In rounds: on a slow disk, the last of 400 queued writes would wait longer than a write may.
      for (let round = 0; round < 20; round += 1) {
        const names = Array.from({ length: 20 }, (_, i) => `${round}-${i}`)
        await Promise.all(names.flatMap((name) => [add(database, `a${name}`), add(second, `b${name}`)]))
      }
    } finally {
      clearInterval(checkpoints)
    }
    await second.close()
    expect(await database.read(rawQuery('SELECT count(*) AS count FROM idempotency'))).toEqual([{ count: 800 }])
  })

  test('is written to after the index of its log was rebuilt and a checkpoint went as far as the one before', async () => {
    const other = new DatabaseSync(file)
    other.exec('PRAGMA wal_checkpoint(PASSIVE)')
    await database.commit([])
    // Leaves the index as a process does that is killed while it writes it. It runs in another process, because closing
    // the index in this one would release the locks of SQLite.
    const damageIndex = "const fs = require('node:fs'); fs.writeSync(fs.openSync(process.argv[1], 'r+'), 'damage', 8)"
    execFileSync(process.execPath, ['-e', damageIndex, `${file}-shm`])
    other.exec('PRAGMA wal_checkpoint(PASSIVE)')
    other.close()

    await database.commit([probe()])
    expect(await database.read(rawQuery('SELECT count(*) AS count FROM workers'))).toEqual([{ count: 1 }])
  })

  test('is written to after a process was killed while writing its log', async () => {
    // The state after a kill: the file and its log, without an index.
    const killed = path.join(folder, 'killed.db')
    for (const suffix of ['', '-wal']) writeFileSync(killed + suffix, readFileSync(file + suffix))
    const again = openSqlite(killed, SILENT_LOG)
    await again.commit([probe()])
    await again.commit([probe()])
    copyFileSync(older, killed)
    await expect(again.commit([probe()])).rejects.toEqual(REPLACED)
    await again.close()
  })
})
