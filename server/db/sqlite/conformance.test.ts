import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describeDatabase } from '@/scripts/database-conformance'
import type { Database } from '../database'
import { openSqlite } from './open'

async function open(): Promise<Database> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-conformance-'))
  const database = openSqlite(path.join(folder, 'lakeshore.db'))
  return {
    read: (query) => database.read(query),
    commit: (changes) => database.commit(changes),
    nowMs: () => database.nowMs(),
    async close() {
      await database.close()
      rmSync(folder, { recursive: true })
    },
  }
}

describeDatabase('SQLite', open)
