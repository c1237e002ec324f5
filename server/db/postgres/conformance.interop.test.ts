import { describe } from 'vitest'
import { describeDatabase } from '@/scripts/database-conformance'
import { peer } from '@/scripts/interop/peer'
import { POSTGRES_AGES } from '@/scripts/postgres-program'
import { createTestDatabase, sharedPostgres } from '@/scripts/test-postgres'
import type { Database } from '../database'
import { openPostgres } from './open'

for (const age of POSTGRES_AGES) {
  const server = await peer('PostgreSQL', () => sharedPostgres(age))

  async function open(): Promise<Database> {
    if (!server) throw new Error('there is no server')
    const { url, drop } = await createTestDatabase(server)
    const database = await openPostgres({ url, schema: 'lakeshore', poolSize: 20, statementTimeoutMs: 30_000 })
    return {
      read: (query) => database.read(query),
      commit: (changes) => database.commit(changes),
      nowMs: () => database.nowMs(),
      async close() {
        await database.close()
        await drop()
      },
    }
  }

  describe.skipIf(server === null)('(skipped where PostgreSQL cannot be had)', () => {
    describeDatabase(`the ${age} PostgreSQL`, open)
  })
}
