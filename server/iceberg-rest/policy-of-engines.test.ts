import { beforeAll, beforeEach, expect, it } from 'vitest'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import { type RestClient, createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { touchesTable } from '@/testing/databases/change-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { avroCodecs } from '@/server/codecs/avro-codecs'

const home = createTestHome()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
let callRest: RestClient
let tables = 0
let name: string

beforeAll(async () => {
  callRest = createRestClient(home.services, await createRestTokenAs(home.services, 'editor'))
  await callRest('POST', 'local/namespaces', { body: { namespace: ['held'], properties: {} } })
  await callRest('POST', 'local/namespaces', { body: { namespace: ['held', 'in'], properties: {} } })
  await callRest('POST', 'local/namespaces', { body: { namespace: ['held-not'], properties: {} } })
})
beforeEach(async () => {
  tables += 1
  name = `t${tables}`
  await demand(false)
  await create()
})

const demand = (requiresProposal: boolean, includesEngines = false) =>
  home.database.commit([
    setPolicyChange({ catalog: 'local', namespace: ['held'] }, { requiresProposal, includesEngines, by: 'ada' }),
  ])
const create = (body: JsonObject = {}) =>
  callRest('POST', 'local/namespaces/held%1Fin/tables', { body: { name, schema: SCHEMA, ...body } })
const commit = (updates: JsonObject[], requirements: JsonObject[] = []) =>
  callRest('POST', `local/namespaces/held%1Fin/tables/${name}`, { body: { requirements, updates } })
const transact = (updates: JsonObject[]) =>
  callRest('POST', 'local/transactions/commit', {
    body: {
      'table-changes': [{ identifier: { namespace: ['held', 'in'], name }, requirements: [], updates }],
    },
  })
/** A snapshot without files. */
async function snapshot(id: bigint, parent: bigint | null, operation: string): Promise<JsonObject[]> {
  const manifestList = `${home.config.warehouse}/held/metadata/s${id}.avro`
  const header = {
    formatVersion: 2,
    snapshotId: String(id),
    parentSnapshotId: parent === null ? null : String(parent),
    sequenceNumber: 1,
  }
  await home.services.stores.catalogStore('local').writeNew(manifestList, writeManifestList([], header, avroCodecs))
  return [
    {
      action: 'add-snapshot',
      snapshot: {
        'snapshot-id': id,
        ...(parent !== null && { 'parent-snapshot-id': parent }),
        'sequence-number': parent === null ? 1 : 2,
        'timestamp-ms': Date.now(),
        'manifest-list': manifestList,
        summary: { operation },
      },
    },
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': id },
  ]
}
const OWNER: JsonObject[] = [{ action: 'set-properties', updates: { owner: 'x' } }]

it('Engines commit where the policy is for people only', async () => {
  await demand(true)
  expect((await commit(OWNER)).status).toBe(200)
})

it('Engines append where the policy includes them, and change nothing else', async () => {
  await demand(true, true)
  expect((await commit(await snapshot(11n, null, 'append'))).status).toBe(200)
  for (const refused of [
    await commit(OWNER),
    await commit(await snapshot(12n, 11n, 'overwrite')),
    await transact(OWNER),
  ]) {
    expect(refused.status).toBe(403)
    expect(JSON.stringify(refused.body)).toMatch(/ForbiddenException.*|need two people, including those of engines/)
    expect(JSON.stringify(refused.body)).toContain('held')
  }
  expect((await transact(await snapshot(13n, 11n, 'append'))).status).toBe(204)
  const entries = await listAudit(home.database, { limit: 10 })
  expect(entries.filter((entry) => entry.table?.table === name && entry.action === 'set-properties')).toEqual([])
  await demand(true)
  expect((await commit(OWNER)).status).toBe(200)
})

it('Engines create tables there, which change none', async () => {
  await demand(true, true)
  name = `new${tables}`
  expect((await create({ 'stage-create': true })).status).toBe(200)
  const updates: JsonObject[] = [
    { action: 'assign-uuid', uuid: '7a1f2d9e-0000-4000-8000-000000000001' },
    { action: 'upgrade-format-version', 'format-version': 2 },
    { action: 'add-schema', schema: { ...SCHEMA, 'schema-id': 0 } },
    { action: 'set-current-schema', 'schema-id': -1 },
    { action: 'add-spec', spec: { 'spec-id': 0, fields: [] } },
    { action: 'set-default-spec', 'spec-id': -1 },
    { action: 'add-sort-order', 'sort-order': { 'order-id': 0, fields: [] } },
    { action: 'set-default-sort-order', 'sort-order-id': -1 },
  ]
  expect((await commit(updates, [{ type: 'assert-create' }])).status).toBe(200)
})

/** After the commit was checked. */
function setPolicyBeforeNextCommit(): void {
  const { database } = home.services
  const { commit: commitRows } = database
  database.commit = async (changes) => {
    if (touchesTable(changes, 'iceberg_tables')) {
      Object.assign(database, { commit: commitRows })
      await demand(true, true)
    }
    return commitRows(changes)
  }
}

it.each([
  ['A commit', () => commit(OWNER)],
  ['A transaction', () => transact(OWNER)],
])('%s that was checked before the policy was set is refused, and changes nothing', async (_, send) => {
  setPolicyBeforeNextCommit()
  const refused = await send()
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([403, expect.stringContaining('those of engines')])
  const { body } = await callRest('GET', `local/namespaces/held%1Fin/tables/${name}`)
  expect(JSON.stringify(body)).not.toContain('"owner"')
})

it('An append that was checked before the policy was set is committed', async () => {
  setPolicyBeforeNextCommit()
  expect((await commit(await snapshot(21n, null, 'append'))).status).toBe(200)
})

const tablePath = () => `local/namespaces/held%1Fin/tables/${name}`
const rename = (kind: string, to: JsonObject) =>
  callRest('POST', `local/${kind}/rename`, {
    body: { source: { namespace: ['held', 'in'], name }, destination: { name: `${name}b`, ...to } },
  })
const replaceByRegister = async () => {
  const { body } = await callRest('GET', tablePath())
  return callRest('POST', 'local/namespaces/held%1Fin/register', {
    body: { name, 'metadata-location': body['metadata-location'] ?? null, overwrite: true },
  })
}

const HELD_ACTS: Record<string, () => ReturnType<RestClient>> = {
  'A move out of the namespace': () => rename('tables', { namespace: ['held-not'] }),
  'A rename within the namespace': () => rename('tables', { namespace: ['held', 'in'] }),
  'A drop': () => callRest('DELETE', tablePath()),
  'A purge': () => callRest('DELETE', `${tablePath()}?purgeRequested=true`),
  'An unregistration': () => callRest('POST', `${tablePath()}/unregister`, { body: {} }),
}

it.each(Object.entries({ ...HELD_ACTS, 'A registration over it': replaceByRegister }))(
  '%s is held where the policy includes engines',
  async (name, act) => {
    await demand(true, true)
    const refused = await act()
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      403,
      // A commit that can be proposed is; for the rest an admin changes the policy.
      expect.stringMatching(name === 'A registration over it' ? /An admin can change/ : /Propose it in Lakeshore/),
    ])
    expect((await callRest('GET', tablePath())).status).toBe(200)
    await demand(true)
    expect((await act()).status).toBeLessThan(300)
  },
)

it.each(Object.entries(HELD_ACTS))('%s fails when the policy is set while it is made', async (_, act) => {
  setPolicyBeforeNextCommit()
  expect((await act()).status).toBe(403)
  expect((await callRest('GET', tablePath())).status).toBe(200)
})

it('Views are held as tables are: their versions, their names and their drop', async () => {
  name = `v${tables}`
  const version = (id: number) => ({
    'version-id': id,
    'timestamp-ms': 1,
    'schema-id': 0,
    summary: {},
    representations: [{ type: 'sql', sql: `select ${id}`, dialect: 'spark' }],
    'default-namespace': [],
  })
  const path = 'local/namespaces/held%1Fin/views'
  const created = { name, schema: { ...SCHEMA, 'schema-id': 0 }, 'view-version': version(1), properties: {} }
  expect((await callRest('POST', path, { body: created })).status).toBe(200)
  const acts = [
    () =>
      callRest('POST', `${path}/${name}`, {
        body: { requirements: [], updates: [{ action: 'set-properties', updates: { owner: 'x' } }] },
      }),
    () => rename('views', { namespace: ['held-not'] }),
    () => callRest('DELETE', `${path}/${name}`),
  ]
  await demand(true, true)
  for (const act of acts) expect((await act()).status).toBe(403)
  await demand(true)
  expect((await acts[0]?.())?.status).toBe(200)
  expect((await acts[2]?.())?.status).toBe(204)
})
