import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RestClient, createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { createTestHome } from '@/testing/homes/test-home'

const s3 = new S3StandIn()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
afterAll(() => s3.stop())

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const SIGNED = { 'x-iceberg-access-delegation': 'remote-signing' }
const TABLES = 'local/namespaces/ns/tables'
let callRest: RestClient

beforeAll(async () => {
  callRest = createRestClient(home.services, await createRestTokenAs(home.services, 'editor'))
  await callRest('POST', 'local/namespaces', { body: { namespace: ['ns'], properties: {} } })
})

it('The response to creating or registering a table contains the config for its files, also when repeated', async () => {
  const create = { body: { name: 't', schema: SCHEMA }, headers: SIGNED }
  const { body: made } = await callRest('POST', TABLES, create)
  const { config } = (await callRest('GET', `${TABLES}/t`, { headers: SIGNED })).body
  expect(config).toMatchObject({ 's3.remote-signing-enabled': 'true', 's3.endpoint': expect.any(String) })
  expect(made).toMatchObject({ config })
  const body = { name: 't', 'metadata-location': made['metadata-location'] ?? null }
  expect((await callRest('DELETE', `${TABLES}/t`)).status).toBe(204)
  const headers = { ...SIGNED, 'idempotency-key': randomUUID() }
  for (let i = 0; i < 2; i += 1) {
    const reply = await callRest('POST', 'local/namespaces/ns/register', { body, headers })
    expect([reply.status, reply.body['config']]).toEqual([200, config])
  }
})

it('The catalog’s config has the address of the store, which no table’s config repeats to a client that requests keys', async () => {
  const { body } = await callRest('GET', 'config?warehouse=local')
  expect(body['defaults']).toMatchObject({ 's3.endpoint': expect.any(String), 'client.region': expect.any(String) })
  expect(JSON.stringify(body)).not.toContain(KEYS.accessKeyId)
  await callRest('POST', TABLES, { body: { name: 'own', schema: SCHEMA } })
  const headers = { 'x-iceberg-access-delegation': 'vended-credentials' }
  expect((await callRest('GET', `${TABLES}/own`, { headers })).body['config']).toEqual({})
})
