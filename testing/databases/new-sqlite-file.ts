import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { prepareFile } from '@/server/db/sqlite/prepare-file'

let prepared: Buffer | null = null

/**
 * Writes a database as the first start of this version creates it. The process creates one and copies it: its tables
 * take twenty times longer to create than to copy. Programs check it, as every database that exists.
 */
export function writeNewSqliteFile(file: string): void {
  prepared ??= prepareOnce()
  if (!existsSync(file)) writeFileSync(file, prepared, { mode: 0o600 })
}

function prepareOnce(): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-new-database-'))
  try {
    const file = path.join(folder, 'lakeshore.db')
    prepareFile(file)
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
