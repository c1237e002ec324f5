import fs, { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { markForeignLog, requireOwnLog } from './foreign-log'

let folder: string
let file: string
let database: DatabaseSync

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'foreign-'))
  file = path.join(folder, 'lakeshore.db')
  database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)')
})
afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
  database.close()
  rmSync(folder, { recursive: true })
})

/** Does what another process would do at this moment: when the check has just looked at this file. */
function onceChecked(suffix: string, act: () => void): void {
  const { statSync } = fs
  let isChecked = false
  vi.spyOn(fs, 'statSync').mockImplementation(((of: string, options: object) => {
    const stats = statSync(of, options)
    if (of === file + suffix && !isChecked) {
      isChecked = true
      act()
    }
    return stats
  }) as typeof statSync)
  syncBuiltinESMExports()
}

describe('A start while other processes have the file open', () => {
  test('is not refused because one of them empties the log during the check', () => {
    onceChecked('-wal', () => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
    expect(() => requireOwnLog(file)).not.toThrow()
    expect(readFileSync(`${file}-wal`)).toHaveLength(0)
  })

  test('leaves the mark of one that finds the file replaced during the check', () => {
    onceChecked('-replaced', () => markForeignLog(file))
    requireOwnLog(file)
    expect(() => requireOwnLog(file)).toThrow('was replaced or overwritten while Lakeshore was running')
  })
})
