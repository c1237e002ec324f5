import { describe, expect, onTestFinished, test } from 'vitest'
import { describeDatabase } from '@/testing/conformance/database'
import { expectNoFullScans } from '@/testing/conformance/query-plans/full-scans'
import { PostgresPlans } from '@/testing/conformance/query-plans/postgres-plans'
import { Recorder } from '@/testing/conformance/query-plans/recorder'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { POSTGRES_AGES } from '@/testing/databases/install-postgres'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestDatabase, startSharedPostgres } from '@/testing/databases/test-postgres'
import type { Database } from '../database'
import { POSTGRES } from './dialect'
import { openPostgres } from './open'

const SETTINGS = { schema: 'lakeshore', poolSize: 20, statementTimeoutMs: 30_000 }

for (const age of POSTGRES_AGES) {
  const server = await installOrSkip('PostgreSQL', () => startSharedPostgres(age))
  const recorder = new Recorder()

  async function newDatabase() {
    if (!server) throw new Error('there is no server')
    return createTestDatabase(server)
  }
  async function open(): Promise<Database> {
    const { url, drop } = await newDatabase()
    const database = recorder.record(await openPostgres({ ...SETTINGS, url }, SILENT_LOG), POSTGRES)
    const close = async () => {
      await database.close()
      await drop()
    }
    return { ...database, close }
  }

  describe.skipIf(server === null)('(skipped if PostgreSQL is not available)', () => {
    describeDatabase(`the ${age} PostgreSQL`, open)

    test(`No query of the ${age} PostgreSQL scans a whole table that grows`, async () => {
      const { url, drop } = await newDatabase()
      onTestFinished(drop)
      await (await openPostgres({ ...SETTINGS, url }, SILENT_LOG)).close()
      const plans = new PostgresPlans(url, SETTINGS.schema)
      onTestFinished(() => plans.close())
      await plans.prepare()
      expect(recorder.statements.length).toBeGreaterThan(100)
      await expectNoFullScans(recorder.statements, (statement) => plans.explain(statement))
    })
  })
}
