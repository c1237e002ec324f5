import { beforeAll, expect, it, vi } from 'vitest'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { type RestClient, createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { rawQuery } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'

const home = createTestHome()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const PYICEBERG = { 'x-client-version': 'PyIceberg 0.12.0' }
const JAVA = { 'x-client-version': 'Apache Iceberg 1.10.0 (commit 2114bf6)' }
const TABLES = 'local/namespaces/demo/tables'

let callRest: RestClient

beforeAll(async () => {
  callRest = createRestClient(home.services, await createRestTokenAs(home.services, 'editor'))
  await callRest('POST', 'local/namespaces', { body: { namespace: ['demo'], properties: {} } })
})

const create = (name: string) =>
  callRest('POST', TABLES, { body: { name, schema: SCHEMA }, headers: { 'user-agent': 'lakeshore' } })

/** The uses of a table, `<access> <client> <version> <library>`. */
async function usesOf(table: string): Promise<string[]> {
  await home.services.clientUses.settle()
  const catalog = await openTestCatalog(home.services)
  const { metadata } = await catalog.loadTable({ catalog: 'local', namespace: ['demo'], table })
  type Row = { access: string; client: string; version: string; library: string }
  const rows = await home.database.read(
    rawQuery<Row>('SELECT access, client, version, library FROM table_clients WHERE table_uuid = ?', [
      metadata.tableUuid,
    ]),
  )
  return rows.map(({ access, client, version, library }) => [access, client, version, library].join(' ').trim()).sort()
}

it('Loads, scan plans and reports of scans are reads; creations, commits and their reports are writes', async () => {
  await create('used')
  await callRest('GET', `${TABLES}/used`, { headers: PYICEBERG })
  await callRest('POST', `${TABLES}/used/plan`, { body: {}, headers: { 'user-agent': 'duckdb/v1.5.6(linux_amd64)' } })
  for (const [type, engine] of [
    ['scan-report', 'spark'],
    ['commit-report', 'flink'],
  ]) {
    const report = { 'report-type': type, metadata: { 'engine-name': engine, 'engine-version': '4.0.1' } } as JsonObject
    expect((await callRest('POST', `${TABLES}/used/metrics`, { body: report, headers: JAVA })).status).toBe(204)
  }
  const updates = [{ action: 'set-properties', updates: { owner: 'ada' } }]
  const committed = await callRest('POST', `${TABLES}/used`, {
    body: { requirements: [], updates } as JsonObject,
    headers: PYICEBERG,
  })
  expect(committed.status).toBe(200)
  expect(await usesOf('used')).toEqual([
    'read DuckDB 1.5.6',
    'read PyIceberg 0.12.0',
    'read Spark 4.0.1 Apache Iceberg 1.10.0',
    'write Flink 4.0.1 Apache Iceberg 1.10.0',
    'write Lakeshore',
    'write PyIceberg 0.12.0',
  ])
})

it('A commit names the engine of its snapshots, also within a transaction', async () => {
  await create('written')
  const snapshot = {
    'snapshot-id': 1,
    'sequence-number': 1,
    'timestamp-ms': Date.now(),
    'manifest-list': `${home.config.warehouse}/demo/written/metadata/s.avro`,
    summary: { operation: 'append', 'engine-name': 'spark', 'engine-version': '4.0.1' },
  }
  const identifier = { namespace: ['demo'], name: 'written' }
  const change = { identifier, requirements: [], updates: [{ action: 'add-snapshot', snapshot }] } as JsonObject
  const reply = await callRest('POST', 'local/transactions/commit', {
    body: { 'table-changes': [change] },
    headers: JAVA,
  })
  expect(reply.status).toBe(204)
  expect(await usesOf('written')).toEqual(['write Lakeshore', 'write Spark 4.0.1 Apache Iceberg 1.10.0'])
})

it('A report names the library of its engine, whatever carries the requests', async () => {
  await create('carried')
  const metadata = {
    'engine-name': 'spark',
    'engine-version': '3.5.7',
    'iceberg-version': 'Apache Iceberg 1.10.1 (commit ccb8bc4)',
  }
  const report = { 'report-type': 'scan-report', metadata } as JsonObject
  const headers = { 'user-agent': 'Apache-HttpClient/5.5 (Java/17.0.15)' }
  expect((await callRest('POST', `${TABLES}/carried/metrics`, { body: report, headers })).status).toBe(204)
  expect(await usesOf('carried')).toEqual(['read Spark 3.5.7 Apache Iceberg 1.10.1', 'write Lakeshore'])
})

it('A use is written once a day, and requests neither wait for it nor fail with it', async () => {
  await create('often')
  await home.services.clientUses.settle()
  const commit = vi.spyOn(home.database, 'commit').mockRejectedValueOnce(new Error('locked'))
  const load = async () => (await callRest('GET', `${TABLES}/often`, { headers: PYICEBERG })).status
  expect(await load()).toBe(200)
  expect(await usesOf('often')).toEqual(['write Lakeshore'])
  expect(await load()).toBe(200)
  expect(await usesOf('often')).toEqual(['read PyIceberg 0.12.0', 'write Lakeshore'])
  expect(await load()).toBe(200)
  await home.services.clientUses.settle()
  expect(commit).toHaveBeenCalledTimes(2)
})

it('Refused requests, and requests that only ask whether a table exists, are no uses', async () => {
  await create('asked')
  expect((await callRest('HEAD', `${TABLES}/asked`, { headers: PYICEBERG })).status).toBe(204)
  const stranger = createRestClient(home.services, 'no token')
  expect((await stranger('GET', `${TABLES}/asked`, { headers: PYICEBERG })).status).toBe(401)
  expect(await usesOf('asked')).toEqual(['write Lakeshore'])
})
