import { writeFileSync, readFileSync } from 'node:fs'
import { Client } from 'pg'
import { test, expect } from 'vitest'
import { Recorder } from '@/scripts/database-conformance/recorder'
import { describeDatabase } from '@/scripts/database-conformance'
import { createTestDatabase, sharedPostgres } from '@/scripts/test-postgres'
import { POSTGRES_AGES } from '@/scripts/postgres-program'
import { openPostgres } from './open'
import { POSTGRES } from './dialect'
for (const age of POSTGRES_AGES) {
  const server = await sharedPostgres(age)
  const recorder = new Recorder()
  async function open() {
    const { url, drop } = await createTestDatabase(server)
    const database = recorder.record(
      await openPostgres({ url, schema: 'lakeshore', poolSize: 20, statementTimeoutMs: 30_000 }),
      POSTGRES,
    )
    return {
      ...database,
      async close() {
        await database.close()
        await drop()
      },
    }
  }
  describeDatabase(age, open)
  test(age + 'plans', async () => {
    const { url, drop } = await createTestDatabase(server)
    const database = await openPostgres({ url, schema: 'lakeshore', poolSize: 20, statementTimeoutMs: 30_000 })
    const client = new Client({ connectionString: url, options: '-c search_path=lakeshore' })
    await client.connect()
    for (const s of readFileSync('/tmp/fill.sql', 'utf8').split(';\n')) if (s.trim()) await client.query(s)
    await client.query('ANALYZE')
    for (const seq of ['on', 'off']) {
      await client.query(`SET enable_seqscan = ${seq}`)
      let out = ''
      for (const { sql, params } of recorder.statements) {
        try {
          const { rows } = await client.query(`EXPLAIN (COSTS off) ${sql}`, [...params])
          out += `${sql.slice(0, 2500)}\n${rows.map((p) => '    ' + String(p['QUERY PLAN']).slice(0, 400)).join('\n')}\n\n`
        } catch (e) {
          out += `${sql}\nERR ${e}\n\n`
        }
      }
      writeFileSync(`/tmp/pg-plans-${age}-${seq}.txt`, out)
    }
    writeFileSync(`/tmp/pg-recorded-${age}.json`, JSON.stringify(recorder.statements))
    await client.end()
    await database.close()
    await drop()
  })
}
