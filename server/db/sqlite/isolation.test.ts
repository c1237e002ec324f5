import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { SILENT_LOG } from '@/testing/silent-log'
import type { Database } from '../database'
import { openSqlite } from './open'

/** The effects of other processes' transactions on the same file. */

let folder: string
let writing: Database
let reading: Database

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-isolation-'))
  const file = path.join(folder, 'lakeshore.db')
  writing = openSqlite(file, SILENT_LOG)
  reading = openSqlite(file, SILENT_LOG)
})
afterEach(async () => {
  await writing.close()
  await reading.close()
  rmSync(folder, { recursive: true })
})

const add = (id: string, seenAtMs = 1) =>
  rawChange('INSERT INTO workers (id, seen_at_ms) VALUES (?, ?)', [id, seenAtMs], 1)
const count = async (database: Database) =>
  (await database.read(rawQuery<{ count: number }>('SELECT count(*) AS count FROM workers')))[0]?.count

describe('Another process', () => {
  test('sees whole transactions only, while they are written', async () => {
    const seen = new Set<number | undefined>()
    const write = async () => {
      for (let round = 0; round < 30; round += 1)
        await writing.commit(Array.from({ length: 20 }, (_, i) => add(`${round}-${i}`)))
    }
    const written = write()
    while (!seen.has(600)) {
      seen.add(await count(reading))
      await new Promise(setImmediate)
    }
    await written
    expect([...seen].filter((rows) => rows === undefined || rows % 20 !== 0)).toEqual([])
    expect(seen.size).toBeGreaterThan(2)
  })

  test('sees nothing of a transaction that is open or rolled back', async () => {
    await writing.commit([add('before')])
    const other = new DatabaseSync(path.join(folder, 'lakeshore.db'))
    other.exec("BEGIN IMMEDIATE; INSERT INTO workers (id, seen_at_ms) VALUES ('open', 1)")
    expect(await count(reading)).toBe(1)
    other.exec('ROLLBACK')
    other.close()
    const none = rawChange("DELETE FROM workers WHERE id = 'none'", [], 1)
    await expect(writing.commit([add('lost'), none])).rejects.toMatchObject({ index: 1, changes: 0 })
    expect(await count(reading)).toBe(1)
  })

  test('loses when it changes what was read before another change: one of two compare-and-swaps succeeds', async () => {
    await writing.commit([add('row', 1)])
    const swap = (database: Database, to: number) =>
      database.commit([rawChange('UPDATE workers SET seen_at_ms = ? WHERE id = ? AND seen_at_ms = 1', [to, 'row'], 1)])
    const settled = await Promise.allSettled([swap(writing, 2), swap(reading, 3)])
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const winner = settled[0].status === 'fulfilled' ? 2 : 3
    for (const database of [writing, reading])
      expect(await database.read(rawQuery('SELECT seen_at_ms FROM workers'))).toEqual([{ seen_at_ms: winner }])
  })
})
