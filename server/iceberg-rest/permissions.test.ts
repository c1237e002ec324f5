import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { type Grant, type Permission, PERMISSIONS, ROLE_PERMISSIONS, ROLES, type Resource } from '@/lib/permissions'
import { type RestClient, createRestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { type OperationTarget as Target, SCHEMA, sendOperation, SET } from '@/testing/catalogs/sample-operation'
import { createTestHome } from '@/testing/homes/test-home'
import * as bearer from '@/server/auth/authenticate-bearer'
import { listAudit } from '@/server/db/audit-list'
import { OPERATIONS, type Operation } from './operations'
import type { JsonObject } from '@/lib/iceberg/json/json'

/** Tests the permissions of every operation. */

const home = createTestHome()

const SPEC = { 'spec-id': 0, fields: [] }
const SORT_ORDER = { 'order-id': 0, fields: [] }
const SNAPSHOT = {
  'snapshot-id': 1,
  'timestamp-ms': 1,
  'manifest-list': 'file:///m.avro',
  summary: { operation: 'append' },
}
const STATISTICS = {
  'snapshot-id': 1,
  'statistics-path': 'file:///s.puffin',
  'file-size-in-bytes': 1,
  'file-footer-size-in-bytes': 1,
  'blob-metadata': [],
}
const PARTITION_STATISTICS = { 'snapshot-id': 1, 'statistics-path': 'file:///p.parquet', 'file-size-in-bytes': 1 }

/** Each update with the permission that it needs. */
const UPDATE_MATRIX: Record<TableUpdate['action'], [permission: Permission, members: JsonObject]> = {
  'assign-uuid': ['table:write', { uuid: 'd20125c8-7284-442c-9aea-15fee620737c' }],
  'upgrade-format-version': ['table:write', { 'format-version': 2 }],
  'add-schema': ['table:write', { schema: SCHEMA }],
  'set-current-schema': ['table:write', { 'schema-id': 0 }],
  'set-location': ['table:write', { location: 'file:///elsewhere' }],
  'set-properties': ['table:write', { updates: { a: '1' } }],
  'remove-properties': ['table:write', { removals: ['a'] }],
  'add-spec': ['table:write', { spec: SPEC }],
  'set-default-spec': ['table:write', { 'spec-id': 0 }],
  'add-sort-order': ['table:write', { 'sort-order': SORT_ORDER }],
  'set-default-sort-order': ['table:write', { 'sort-order-id': 0 }],
  'add-snapshot': ['table:write', { snapshot: SNAPSHOT }],
  'set-snapshot-ref': ['table:write', { 'ref-name': 'q1', type: 'tag', 'snapshot-id': 1 }],
  'remove-snapshots': ['table:maintain', { 'snapshot-ids': [1] }],
  'remove-snapshot-ref': ['table:maintain', { 'ref-name': 'main' }],
  'set-statistics': ['table:write', { 'snapshot-id': 1, statistics: STATISTICS }],
  'remove-statistics': ['table:maintain', { 'snapshot-id': 1 }],
  'set-partition-statistics': ['table:write', { 'partition-statistics': PARTITION_STATISTICS }],
  'remove-partition-statistics': ['table:maintain', { 'snapshot-id': 1 }],
  'remove-partition-specs': ['table:maintain', { 'spec-ids': [0] }],
  'remove-schemas': ['table:maintain', { 'schema-ids': [1] }],
  'add-encryption-key': ['table:write', { 'encryption-key': { 'key-id': 'k', 'encrypted-key-metadata': 'AA==' } }],
  'remove-encryption-key': ['table:maintain', { 'key-id': 'k' }],
}
const MOVED_BRANCH = { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': 1 }
const UPDATES = [
  ...Object.entries(UPDATE_MATRIX).map(([action, [needed, members]]) => ({ update: { action, ...members }, needed })),
  { update: MOVED_BRANCH, needed: 'table:maintain' },
]

const PROTECTED = (Object.values(OPERATIONS) as Operation[]).filter(({ permission }) => permission !== 'none')
const MATRIX = PROTECTED.flatMap((operation) => ROLES.map((role) => ({ operation, role, name: operation.id })))

const missing: Target = { namespace: 'nowhere', table: 'none' }

describe('by role', () => {
  const clients = new Map<string, RestClient>()

  beforeAll(async () => {
    for (const role of ROLES) clients.set(role, await createRestClientAs(home.services, role))
  })

  it.each(MATRIX)('$name: a token with the role $role works only with the permission', async ({ operation, role }) => {
    const client = clients.get(role)
    if (!client) throw new Error('no client')
    const { status } = await sendOperation(client, operation, missing)
    const { permission } = operation
    const isAllowed =
      permission === 'signed-in' || (permission !== 'none' && ROLE_PERMISSIONS[role].includes(permission))
    expect(status === 403, `${operation.id} as ${role} returned ${status}`).toBe(!isAllowed && status !== 401)
    expect(status).not.toBe(401)
    expect(status).not.toBe(500)
  })

  it.each(PROTECTED)('$id: needs a token', async (operation) => {
    expect((await sendOperation(createRestClient(home.services, null), operation, missing)).status).toBe(401)
    expect((await sendOperation(createRestClient(home.services, 'lsh_made_up'), operation, missing)).status).toBe(401)
  })
})

describe('by grants on namespaces and tables', () => {
  /** Each call has another user: above a limit, the audit counts the refusals of one user together. */
  let callers = 0
  const withGrants = async (resource: Resource, work: (client: RestClient) => Promise<void>) => {
    callers += 1
    const grants: Grant[] = PERMISSIONS.filter((candidate) => candidate !== 'console:admin').map((permission) => ({
      permission,
      resource,
    }))
    const spy = vi
      .spyOn(bearer, 'authenticateBearer')
      .mockResolvedValue({ userId: `narrow-${callers}`, username: 'narrow', role: 'viewer', grants })
    try {
      await work(createRestClient(home.services, 'any'))
    } finally {
      spy.mockRestore()
    }
  }
  const granted: Target = { namespace: 'ours', table: 't' }
  const notGranted: Target = { namespace: 'theirs', table: 't' }
  const addressed = PROTECTED.filter(({ id }) => id !== 'getConfig' && id !== 'listNamespaces')

  it.each(addressed)('$id: a grant on one namespace applies to no other', async (operation) => {
    await withGrants({ catalog: 'local', namespace: ['ours'] }, async (client) => {
      const { warehouse } = home.config
      expect((await sendOperation(client, operation, { ...granted, warehouse })).status).not.toBe(403)
      expect((await sendOperation(client, operation, notGranted)).status).toBe(404)
    })
  })

  const writes = addressed.filter(({ isWrite }) => isWrite)
  const refusalOf = async ({ id }: Operation) =>
    (await listAudit(home.database, { limit: 1 })).find(({ after }) => after?.refusal?.operation === id)
  const targetOf = ({ id }: Operation, { namespace, table }: Target) => {
    const on = { catalog: 'local', namespace: [namespace] }
    const isOfNamespace = ['createNamespace', 'dropNamespace', 'updateProperties'].includes(id)
    return isOfNamespace ? { namespace: on } : { table: { ...on, table } }
  }

  it.each(writes)('$id: a refused write on what is hidden is in the audit with its target', async (operation) => {
    const target = { namespace: `hidden_${operation.id}`, table: `of_${operation.id}` }
    await withGrants({ catalog: 'local', namespace: ['ours'] }, async (client) => {
      expect((await sendOperation(client, operation, target)).status).toBe(404)
    })
    expect(await refusalOf(operation)).toMatchObject({
      ...targetOf(operation, target),
      actor: { username: 'narrow' },
      after: { refusal: { code: 'forbidden', count: 1 } },
    })
  })

  const refusedToViewers = writes.filter(({ permission }) => permission !== 'table:read')
  it.each(refusedToViewers)('$id: a refused write is in the audit with its target', async (operation) => {
    const target = { namespace: 'seen', table: `of_${operation.id}` }
    const client = await createRestClientAs(home.services, 'viewer')
    expect((await sendOperation(client, operation, target)).status).toBe(403)
    expect(await refusalOf(operation)).toMatchObject({
      ...targetOf(operation, target),
      after: { refusal: { code: 'forbidden', count: 1 } },
    })
  })

  it.each(['renameTable', 'renameView'] as const)('%s: both names must be granted', async (id) => {
    await withGrants({ catalog: 'local', namespace: ['ours'] }, async (client) => {
      const toName = ({ namespace, table }: Target) => ({ namespace: [namespace], name: table })
      for (const [source, destination, status] of [
        [granted, notGranted, 403],
        [notGranted, granted, 404],
      ] as const) {
        const body = { source: toName(source), destination: toName(destination) }
        expect((await sendOperation(client, OPERATIONS[id], granted, body)).status).toBe(status)
      }
    })
  })

  it('commitTransaction: every table must be granted', async () => {
    await withGrants({ catalog: 'local', namespace: ['ours'] }, async (client) => {
      const change = ({ namespace, table }: Target) => ({
        identifier: { namespace: [namespace], name: table },
        requirements: [],
        updates: [SET],
      })
      const body = { 'table-changes': [change(granted), change(notGranted)] }
      expect((await sendOperation(client, OPERATIONS.commitTransaction, granted, body)).status).toBe(404)
    })
  })

  it('updateTable: a body that names another table than the path is refused', async () => {
    await withGrants({ catalog: 'local', namespace: ['ours'] }, async (client) => {
      const body = { identifier: { namespace: ['theirs'], name: 't' }, requirements: [], updates: [SET] }
      expect((await sendOperation(client, OPERATIONS.updateTable, granted, body)).status).toBe(400)
    })
  })

  it.each(UPDATES)('updateTable: $update.action needs $needed', async ({ update, needed }) => {
    const grants: Grant[] = (['catalog:read', 'table:read', 'table:write'] as const).map((permission) => ({
      permission,
      resource: { catalog: 'local', namespace: ['ours'] },
    }))
    const spy = vi
      .spyOn(bearer, 'authenticateBearer')
      .mockResolvedValue({ userId: 'u', username: 'w', role: 'viewer', grants })
    const client = createRestClient(home.services, 'any')
    const change = { requirements: [], updates: [update] }
    const inTransaction = { ...change, identifier: { namespace: ['ours'], name: 't' } }
    try {
      const statuses = [
        (await sendOperation(client, OPERATIONS.updateTable, granted, change)).status,
        (await sendOperation(client, OPERATIONS.commitTransaction, granted, { 'table-changes': [inTransaction] }))
          .status,
      ]
      // The table does not exist, which only a permitted client learns.
      expect(statuses).toEqual(needed === 'table:maintain' ? [403, 403] : [404, 404])
    } finally {
      spy.mockRestore()
    }
  })

  it('lists contain only what is granted', async () => {
    const admin = await createRestClientAs(home.services, 'admin')
    for (const namespace of ['ours', 'theirs'])
      await admin('POST', 'local/namespaces', { body: { namespace: [namespace] } })
    for (const name of ['t', 'other']) {
      await admin('POST', 'local/namespaces/ours/tables', { body: { name, schema: SCHEMA } })
    }
    await withGrants({ catalog: 'local', namespace: ['ours'], table: 't' }, async (client) => {
      expect((await client('GET', 'config')).status).toBe(200)
    })
    const resource = { catalog: 'local', namespace: ['ours'], table: 't' }
    const grants: Grant[] = [
      { permission: 'catalog:read', resource: { catalog: 'local' } },
      { permission: 'table:read', resource },
    ]
    const spy = vi
      .spyOn(bearer, 'authenticateBearer')
      .mockResolvedValue({ userId: 'u', username: 'n', role: 'viewer', grants })
    try {
      const { body } = await createRestClient(home.services, 'any')('GET', 'local/namespaces/ours/tables')
      expect(body.identifiers).toEqual([{ namespace: ['ours'], name: 't' }])
    } finally {
      spy.mockRestore()
    }
  })
})
