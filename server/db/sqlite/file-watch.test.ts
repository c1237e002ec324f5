import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { FileWatch, readFileIdentity } from './file-watch'

/** Where the WAL-index says how far checkpoints came, and how far the last one was to come. */
const BACKFILL_OFFSETS = [96, 128]

test('A file is not taken for overwritten because it was checked while its log restarted', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'watch-'))
  const file = path.join(folder, 'lakeshore.db')
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)')
  const checkpoint = (kind: string) => Number(database.prepare(`PRAGMA wal_checkpoint(${kind})`).get()?.checkpointed)
  checkpoint('TRUNCATE')
  const fill = () => {
    database.exec('INSERT INTO t VALUES (1)')
    return checkpoint('PASSIVE')
  }
  const watch = new FileWatch(file, readFileIdentity(file))
  const index = openSync(`${file}-shm`, 'r+')
  const setBackfill = (count: number) => {
    const value = new Uint8Array(Uint32Array.of(count).buffer)
    for (const offset of BACKFILL_OFFSETS) writeSync(index, value, 0, value.length, offset)
  }

  const frames = fill()
  expect(frames).toBeGreaterThan(0)
  checkpoint('TRUNCATE')
  // The index in the middle of that restart: it has the header of the new log and not yet the rest.
  setBackfill(frames)
  expect(watch.isReplaced()).toBe(false)
  setBackfill(0)

  expect(fill()).toBe(frames)
  expect(watch.isReplaced()).toBe(false)

  database.close()
  watch.close()
  closeSync(index)
  rmSync(folder, { recursive: true })
})
