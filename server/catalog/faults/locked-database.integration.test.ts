import { readdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, it } from 'vitest'
import { type RestClient, createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { rawQuery } from '@/testing/databases/test-sql'

const home = createTestHome()

const TABLES = 'local/namespaces/demo/tables'
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const change = { requirements: [], updates: [{ action: 'set-properties', updates: { k: 'v' } }] }
const toIdentifier = (table: string) => ({ catalog: 'local', namespace: ['demo'], table })
const rows = () => home.database.read(rawQuery('SELECT * FROM iceberg_tables ORDER BY table_name'))
const files = () =>
  readdirSync(`${home.config.homeDir}/warehouse`, { recursive: true }).filter((name) => String(name).endsWith('.json'))

let token: string
let callRest: RestClient
beforeAll(async () => {
  token = await createRestTokenAs(home.services, 'admin')
  callRest = createRestClient(home.services, token)
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  for (const table of ['t', 'u'])
    await catalog.write({ kind: 'create-table', table: toIdentifier(table), schema: ONE_COLUMN_SCHEMA })
})

/** Starts a transaction and leaves it open, as another program might. */
function lockDatabase(): () => void {
  const other = new DatabaseSync(home.config.databaseFile)
  other.exec('BEGIN IMMEDIATE')
  return () => {
    other.exec('ROLLBACK')
    other.close()
  }
}

describe('A database that stays locked for longer than requests wait', () => {
  it('turns every write into a 429 with Retry-After, changes nothing and delays no reader (commit-safety 8)', async () => {
    const before = [await rows(), files()]
    const unlock = lockDatabase()
    // The first use of a token is recorded, which is a write.
    expect((await callRest('GET', `${TABLES}/t`)).status).toBe(200)
    let isWriting = true
    const key = { 'idempotency-key': '01900000-0000-7000-8000-000000000001' }
    const writing = Promise.all([
      callRest('POST', `${TABLES}/t`, { body: change, headers: key }),
      callRest('POST', TABLES, { body: { name: 'new', schema: SCHEMA } }),
      callRest('POST', 'local/namespaces', { body: { namespace: ['new'] } }),
      callRest('POST', 'local/tables/rename', {
        body: { source: { namespace: ['demo'], name: 't' }, destination: { namespace: ['demo'], name: 'w' } },
      }),
      callRest('POST', 'local/transactions/commit', {
        body: { 'table-changes': ['t', 'u'].map((name) => ({ identifier: { namespace: ['demo'], name }, ...change })) },
      }),
      callRest('DELETE', `${TABLES}/u`),
      callRest('DELETE', `${TABLES}/u?purgeRequested=true`),
    ]).finally(() => (isWriting = false))
    for (const path of [`${TABLES}/t`, TABLES, 'local/namespaces'])
      expect((await callRest('GET', path)).status).toBe(200)
    expect(isWriting).toBe(true)
    const replies = await writing
    unlock()
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 429))
    for (const { headers, body } of replies) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(body.error).toMatchObject({ code: 429, type: 'TooManyRequestsException' })
    }
    expect([await rows(), files()]).toEqual(before)
    expect((await callRest('POST', `${TABLES}/t`, { body: change, headers: key })).status).toBe(200)
  })
})
