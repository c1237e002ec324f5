import { tmpdir } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { TableDeclaration } from '@/lib/changes/declaration/table-declaration'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { currentSchema, defaultSortOrder, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { declarationToText } from '@/lib/changes/declaration/declaration-text'
import { grantsOfRole } from '@/lib/permissions'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { useTestClock } from '@/testing/clock'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { readAudit } from '@/server/db/audit-list'
import { findWriteOutcome } from '@/server/changes/pipeline/write-key'
import { registerTable } from './register-table'
import { reviewDrop, reviewNewTable, reviewRegistration } from '@/testing/lifecycle/reviews'
import { createTable, dropTable } from '@/testing/lifecycle/actions'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const VIC: Actor = { userId: 'u2', username: 'vic', role: 'viewer', grants: grantsOfRole('viewer') }
const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: tmpdir() })
const { signal } = new AbortController()
const context = { actor: ANN, signal, requestId: 'r1' }

const LEGS = {
  'format-version': 3,
  columns: [
    { name: 'id', type: 'long', required: true, doc: 'of the leg' },
    { name: 'at', type: 'timestamptz_ns' },
    { name: 'carrier', type: { struct: [{ name: 'code', type: 'string', required: true }] } },
    { name: 'gates', type: { list: 'string', required: true } },
    { name: 'seen', type: 'long', 'initial-default': 9007199254740993n, 'write-default': 9007199254740993n },
  ],
  'identifier-fields': ['id'],
  'partition-fields': [{ name: 'at_day', column: 'at', transform: 'day' }],
  'sort-fields': [{ column: 'carrier.code', transform: 'identity', direction: 'asc', 'null-order': 'nulls-last' }],
  properties: { comment: 'legs of flights', 'write.parquet.compression-codec': 'snappy' },
} satisfies TableDeclaration

let catalog: CatalogClient
let table: TableIdentifier
let count = 0

const text = (change: Partial<TableDeclaration> = {}) => declarationToText({ ...LEGS, ...change })
const newKey = () => `key-of-test-${(count += 1)}-0000`
const create = (identifier = table, declaration = text(), idempotencyKey = newKey()) =>
  createTable(home.services, identifier, { declaration }, { ...context, idempotencyKey })

beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
beforeEach(() => {
  table = { catalog: 'local', namespace: ['demo'], table: `new${(count += 1)}` }
})

describe('Creating a table', () => {
  test('is shown as the request and the statements of other programs, and creates nothing', async () => {
    const review = await reviewNewTable(home.services, table, { declaration: text() }, context)
    expect(review.blockers).toEqual([])
    expect(review.location).toMatch(new RegExp(`/demo/${table.table}$`))
    expect(review.request?.path).toBe('/v1/local/namespaces/demo/tables')
    expect(review.request?.body).toContain('"write-default": 9007199254740993')
    expect(JSON.parse(review.request?.body ?? '')).toMatchObject({
      name: table.table,
      'partition-spec': { fields: [{ name: 'at_day', transform: 'day' }] },
      properties: { 'format-version': '3', comment: 'legs of flights' },
    })
    expect(review.addedProperties).toEqual({})
    const bare = await reviewNewTable(home.services, table, { declaration: text({ properties: {} }) }, context)
    expect(bare.addedProperties).toEqual({ 'write.parquet.compression-codec': 'zstd' })
    expect(review.scripts?.spark.text).toContain('Spark 3.5 cannot create columns of the type timestamptz_ns')
    await expect(catalog.loadTable(table)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('makes the table of the declaration, exactly, with one entry of the audit', async () => {
    const { auditId } = await create()
    const { metadata, metadataLocation } = await catalog.loadTable(table)
    expect(metadata).toMatchObject({
      formatVersion: 3,
      properties: { comment: 'legs of flights', 'write.parquet.compression-codec': 'snappy' },
    })
    const schema = currentSchema(metadata)
    expect(schema.fields.map(({ id, name }) => [id, name])).toEqual([
      [1, 'id'],
      [2, 'at'],
      [3, 'carrier'],
      [4, 'gates'],
      [5, 'seen'],
    ])
    expect(schema.identifierFieldIds).toEqual([1])
    expect(schema.fields[4]?.writeDefault).toBe(9007199254740993n)
    expect(defaultSpec(metadata).fields).toEqual([{ sourceId: 2, fieldId: 1000, name: 'at_day', transform: 'day' }])
    expect(defaultSortOrder(metadata)).toMatchObject({ orderId: 1, fields: [{ sourceId: 6, nullOrder: 'nulls-last' }] })
    expect(await readAudit(home.database, auditId)).toMatchObject({
      action: 'create-table',
      actor: { username: 'ann' },
      table,
      tableUuid: metadata.tableUuid,
      before: null,
      after: { metadataLocation },
      requestId: 'r1',
    })
  })

  test('is carried out once under one key', async () => {
    const key = newKey()
    const [first, second] = await Promise.all([create(table, text(), key), create(table, text(), key)])
    expect(second).toEqual(first)
    expect(await create(table, text(), key)).toEqual(first)
    expect(await findWriteOutcome(home.database, ANN, key)).toEqual({ outcome: 'committed', auditId: first.auditId })
    expect(await findWriteOutcome(home.database, VIC, key)).toMatchObject({ outcome: 'not-committed' })
    await expect(create(table, text({ properties: {} }), key)).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test('is refused for a taken name, of a view too, and a namespace that is missing', async () => {
    await create()
    const taken = await reviewNewTable(home.services, table, { declaration: text() }, context)
    expect(taken.blockers).toEqual([{ part: 'name', message: `There is already a table or view demo.${table.table}.` }])
    await expect(create()).rejects.toMatchObject({ code: 'already-exists' })
    const lost = { ...table, namespace: ['nowhere'] }
    const review = await reviewNewTable(home.services, lost, { declaration: text() }, context)
    expect(review.blockers).toEqual([{ part: 'namespace', message: 'There is no namespace nowhere.' }])
    await expect(create(lost)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('is refused outside the warehouse and in the folder of another table', async () => {
    await create()
    const { metadata } = await catalog.loadTable(table)
    const other = { ...table, table: `${table.table}_b` }
    for (const location of ['file:///etc/lakeshore', `${metadata.location}/inner`, 's3://elsewhere/t']) {
      const review = await reviewNewTable(home.services, other, { declaration: text(), location }, context)
      expect(review.blockers).toMatchObject([{ part: 'location' }])
      await expect(
        createTable(home.services, other, { declaration: text(), location }, { ...context, idempotencyKey: newKey() }),
      ).rejects.toBeInstanceOf(AppError)
    }
    await expect(catalog.loadTable(other)).rejects.toMatchObject({ code: 'not-found' })
  })

  test.each([
    ['no JSON', '{'],
    ['a member that is misspelled', '{"colums":[]}'],
    ['no column', text({ columns: [], 'identifier-fields': [], 'partition-fields': [], 'sort-fields': [] })],
    ['a type of version 3', text({ 'format-version': 2 })],
    ['a column of the layout that is missing', text({ 'sort-fields': [], 'identifier-fields': ['none'] })],
    ['a secret', text({ properties: { 's3.secret-access-key': 'x' } })],
    ['a branch', text({ refs: { audit: {} } })],
    ['a field of the metadata', text({ properties: { 'current-snapshot-id': '1' } })],
  ])('is refused for %s, and says so', async (_what, declaration) => {
    const review = await reviewNewTable(home.services, table, { declaration }, context)
    expect(review.request).toBeNull()
    expect(review.blockers).toMatchObject([{ part: 'table' }])
    await expect(create(table, declaration)).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test('needs permission to write there', async () => {
    await expect(
      createTable(home.services, table, { declaration: text() }, { ...context, actor: VIC, idempotencyKey: newKey() }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('Registering a metadata file', () => {
  const dropKeepingFiles = async () => {
    const { metadataLocation } = await catalog.loadTable(table)
    const review = await reviewDrop(home.services, table, context)
    const confirmedName = `demo.${table.table}`
    await dropTable(
      home.services,
      table,
      { isPurge: false, metadataLocation: review.metadataLocation },
      { ...context, confirmedName },
    )
    return metadataLocation
  }
  const register = (metadataLocation: string, identifier = table) =>
    registerTable(home.services, identifier, { metadataLocation }, { ...context, idempotencyKey: newKey() })

  test('shows what the file is, then adds it unchanged with an entry of the audit', async () => {
    await create()
    const { metadata } = await catalog.loadTable(table)
    const metadataLocation = await dropKeepingFiles()
    const review = await reviewRegistration(home.services, table, metadataLocation, context)
    expect(review).toMatchObject({
      problem: null,
      blockers: [],
      found: {
        tableUuid: metadata.tableUuid,
        formatVersion: 3,
        location: metadata.location,
        partitioning: 'day(at)',
        sortOrder: 'carrier.code asc nulls last',
        snapshotCount: 0,
        rowCount: 0,
      },
      request: { path: '/v1/local/namespaces/demo/register' },
    })
    const { auditId } = await register(metadataLocation)
    expect((await catalog.loadTable(table)).metadataLocation).toBe(metadataLocation)
    expect(await readAudit(home.database, auditId)).toMatchObject({ action: 'register-table', table })
  })

  test('is refused when another table has its folder', async () => {
    await create()
    const { metadataLocation } = await catalog.loadTable(table)
    const other = { ...table, table: `${table.table}_b` }
    const { blockers } = await reviewRegistration(home.services, other, metadataLocation, context)
    expect(blockers).toMatchObject([{ part: 'location', message: expect.stringContaining(`demo.${table.table}`) }])
    await expect(register(metadataLocation, other)).rejects.toMatchObject({ code: 'already-exists' })
  })

  test('does not say what is in a table that one may not read', async () => {
    await create()
    const { metadataLocation } = await catalog.loadTable(table)
    const other = { ...table, table: `${table.table}_b` }
    const actor = { ...ANN, role: null, grants: grantsOfRole('editor', other) }
    const review = await reviewRegistration(home.services, other, metadataLocation, { ...context, actor })
    expect([review.problem?.code, review.found]).toEqual(['location-refused', null])
    expect((await reviewRegistration(home.services, other, metadataLocation, context)).found).not.toBeNull()
  })

  test('is refused when another table has its uuid in another folder', async () => {
    await create()
    const { metadata, store } = await catalog.loadTable(table)
    const copy = { ...metadata, location: `${metadata.location}_copy` }
    const metadataLocation = await home.services.metadataFiles.writeTable(store, copy, { label: 'copy', before: null })
    const other = { ...table, table: `${table.table}_b` }
    const { blockers } = await reviewRegistration(home.services, other, metadataLocation, context)
    expect(blockers).toMatchObject([{ part: 'location', message: expect.stringContaining(metadata.tableUuid) }])
    await expect(register(metadataLocation, other)).rejects.toMatchObject({ code: 'already-exists' })
  })

  test('says why a file cannot be read', async () => {
    const { problem, found } = await reviewRegistration(home.services, table, 'file:///etc/passwd', context)
    expect([problem?.code, found]).toEqual(['location-refused', null])
    await expect(register('file:///etc/passwd')).rejects.toMatchObject({ code: 'location-refused' })
    const missing = `${catalog.warehouse}/demo/none/metadata/00000.metadata.json`
    expect((await reviewRegistration(home.services, table, missing, context)).problem?.code).toBe('file-missing')
  })
})

describe('Through a connection', () => {
  let listener: RestListener
  let far: TableIdentifier

  beforeAll(async () => {
    listener = await startRestListener(home.services)
    const token = await createRestTokenAs(home.services, 'editor')
    const { userId, username } = await signInAs(home.services, 'admin')
    const admin = actorFor({ userId, username, role: 'admin' })
    await addMirror(home, { name: 'mirror', listener, token, admin })
    await addMirror(home, { name: 'near', listener, token, admin, storage: 'local' })
  })
  afterAll(() => listener.stop())
  beforeEach(() => {
    far = { ...table, catalog: 'mirror' }
  })

  test('a table is created by the request that was shown', async () => {
    const review = await reviewNewTable(home.services, far, { declaration: text() }, context)
    expect(review).toMatchObject({ blockers: [], location: null })
    const { auditId } = await create(far)
    const { metadata } = await catalog.loadTable(table)
    expect(currentSchema(metadata).fields).toHaveLength(5)
    expect(await readAudit(home.database, auditId)).toMatchObject({ action: 'create-table', table: far })
    expect((await reviewNewTable(home.services, far, { declaration: text() }, context)).blockers).toMatchObject([
      { part: 'name' },
    ])
  })

  test('a metadata file is registered by the request that was shown', async () => {
    const near = { ...table, catalog: 'near' }
    await create()
    const { metadataLocation } = await catalog.loadTable(table)
    const typed = { ...context, confirmedName: `demo.${table.table}` }
    await dropTable(home.services, table, { isPurge: false, metadataLocation }, typed)
    const review = await reviewRegistration(home.services, near, metadataLocation, context)
    expect(review).toMatchObject({ problem: null, blockers: [], found: { formatVersion: 3 } })
    // Without storage settings, a connection cannot read files that do not belong to a table yet.
    expect((await reviewRegistration(home.services, far, metadataLocation, context)).problem?.code).toBe(
      'location-refused',
    )
    const keyed = { ...context, idempotencyKey: newKey() }
    const { auditId } = await registerTable(home.services, near, { metadataLocation }, keyed)
    expect((await catalog.loadTable(table)).metadataLocation).toBe(metadataLocation)
    expect(await readAudit(home.database, auditId)).toMatchObject({ action: 'register-table', table: near })
    // The same request again does nothing, and another one finds the name taken.
    expect(await registerTable(home.services, near, { metadataLocation }, keyed)).toEqual({ auditId })
    await expect(
      registerTable(home.services, near, { metadataLocation }, { ...context, idempotencyKey: newKey() }),
    ).rejects.toMatchObject({ code: 'already-exists' })
  })

  test('a metadata file is described only to users with a role on the whole catalog', async () => {
    const near = { ...table, catalog: 'near' }
    await create()
    const { metadataLocation } = await catalog.loadTable(table)
    const grant = { permission: 'table:write', resource: { catalog: 'near', namespace: ['demo'] } } as const
    const actor: Actor = { ...context.actor, role: 'viewer', grants: [grant, { ...grant, permission: 'table:read' }] }
    const missing = metadataLocation.replace(/[^/]*$/, '00000.metadata.json')
    for (const location of [metadataLocation, missing]) {
      const forbidden = { code: 'forbidden' }
      const asActor = { ...context, actor }
      await expect(reviewRegistration(home.services, near, location, asActor)).rejects.toMatchObject(forbidden)
      const keyed = { ...asActor, idempotencyKey: newKey() }
      await expect(registerTable(home.services, near, { metadataLocation: location }, keyed)).rejects.toMatchObject(
        forbidden,
      )
    }
  })

  test('a request whose answer is lost is not sent again while its outcome is open', async () => {
    useTestClock().skipPauses()
    const key = newKey()
    listener.supportsIdempotencyKeys = false
    listener.faultFor = ({ method, url }) =>
      method === 'POST' && url.endsWith('/tables') ? { when: 'after', answer: 'cut' } : null
    await expect(create(far, text(), key)).rejects.toMatchObject({ code: 'commit-state-unknown' })
    listener.faultFor = () => null
    expect(await findWriteOutcome(home.database, ANN, key)).toEqual({ outcome: 'pending', auditId: null })
    await expect(create(far, text(), key)).rejects.toMatchObject({ code: 'commit-state-unknown' })
    await catalog.loadTable(table)
  })
})
