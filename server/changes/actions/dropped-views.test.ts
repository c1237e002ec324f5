import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { beforeWrites } from '@/testing/catalogs/before-writes'
import { AppError } from '@/lib/errors'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { grantsOfRole } from '@/lib/permissions'
import { createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { NewView } from '@/server/catalog/port/catalog-write'
import { readAudit } from '@/server/db/audit-list'
import { listDroppedTables } from './restore'
import { reviewViewDrop } from '@/testing/lifecycle/reviews'
import { dropNamespace, dropView, restoreTable } from '@/testing/lifecycle/actions'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const home = createTestHome()
const signal = new AbortController().signal
const context = { actor: ANN, signal, requestId: 'r1' }
const SCHEMA = { schemaId: 0, identifierFieldIds: [], fields: [] }
const VIEW: NewView = {
  schema: SCHEMA,
  version: {
    versionId: 1,
    schemaId: 0,
    timestampMs: 0,
    summary: {},
    defaultCatalog: null,
    defaultNamespace: ['demo'],
    representations: [{ type: 'sql', sql: 'select 1', dialect: 'spark' }],
  },
}

let catalog: CatalogClient
let namespace: { catalog: string; namespace: string[] }
let view: ViewIdentifier
let namespaces = 0

beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
})
beforeEach(async () => {
  namespaces += 1
  namespace = { catalog: 'local', namespace: [`n${namespaces}`] }
  await catalog.write({ kind: 'create-namespace', namespace: namespace.namespace, properties: {} })
  view = { ...namespace, view: 'v' }
  await catalog.write({ kind: 'create-view', view, ...VIEW })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const listDropped = async () => (await listDroppedTables(home.services, namespace, context)).tables
const restore = (auditId: string, name: string, actor = ANN) =>
  restoreTable(home.services, namespace, { auditId, name }, { ...context, actor })
const drop = async () => {
  const { metadataLocation } = await reviewViewDrop(home.services, view, context)
  return dropView(
    home.services,
    view,
    { metadataLocation },
    { ...context, confirmedName: `${namespace.namespace[0]}.v` },
  )
}

describe('A dropped view', () => {
  test('is restored with its uuid and versions, once', async () => {
    const before = await catalog.loadView(view)
    expect(await reviewViewDrop(home.services, view, context)).toMatchObject({ canRestore: true })
    const { auditId } = await drop()
    expect(await listDropped()).toMatchObject([
      { auditId, kind: 'view', table: 'v', actor: 'ann', purgeAtMs: null, isNameTaken: false },
    ])
    const restored = await restore(auditId, 'v')
    expect(await catalog.loadView(view)).toEqual(before)
    expect(await readAudit(home.database, restored.auditId)).toMatchObject({
      action: 'restore-view',
      table: asTableIdentifier(view),
      tableUuid: before.metadata.viewUuid,
      undoes: auditId,
    })
    expect(await listDropped()).toEqual([])
    await expect(restore(auditId, 'again')).rejects.toMatchObject({ code: 'version-conflict' })
  })

  test('is listed and restored when an engine dropped it', async () => {
    const before = await catalog.loadView(view)
    const client = await createRestClientAs(home.services, 'editor')
    const reply = await client('DELETE', `local/namespaces/${namespace.namespace[0]}/views/v`)
    expect(reply.status).toBe(204)
    const [listed] = await listDropped()
    expect(listed).toMatchObject({ kind: 'view', table: 'v' })
    await restore(listed?.auditId ?? '', 'v')
    expect(await catalog.loadView(view)).toEqual(before)
  })

  test('needs another name when a table has its own', async () => {
    const { auditId } = await drop()
    await catalog.write({ kind: 'create-table', table: { ...namespace, table: 'v' }, schema: SCHEMA })
    expect(await listDropped()).toMatchObject([{ auditId, isNameTaken: true }])
    await expect(restore(auditId, 'v')).rejects.toMatchObject({ code: 'already-exists' })
    await restore(auditId, 'v_back')
    expect(await catalog.listViews(namespace.namespace)).toEqual([{ ...namespace, view: 'v_back' }])
  })

  test('cannot be restored without its metadata file, nor by a viewer', async () => {
    const { metadataLocation } = await catalog.loadView(view)
    const { auditId } = await drop()
    const viewer: Actor = { ...ANN, role: 'viewer', grants: grantsOfRole('viewer') }
    await expect(restore(auditId, 'v', viewer)).rejects.toMatchObject({ code: 'forbidden' })
    rmSync(fileURLToPath(metadataLocation))
    expect(await listDropped()).toEqual([])
    await expect(restore(auditId, 'v')).rejects.toMatchObject({ code: 'file-missing' })
    expect(await catalog.listViews(namespace.namespace)).toEqual([])
  })
})

describe('A namespace with tables and views', () => {
  const dropWith = (shown: { tables: string[]; views: string[] }) =>
    dropNamespace(
      home.services,
      namespace,
      { contents: [{ ...namespace, ...shown }] },
      { ...context, confirmedName: namespace.namespace[0] ?? '' },
    )
  const addTable = (table: string) =>
    catalog.write({ kind: 'create-table', table: { ...namespace, table }, schema: SCHEMA })

  test('goes with those that were shown, and each can be restored', async () => {
    await addTable('t')
    await expect(dropWith({ tables: ['t'], views: [] })).rejects.toMatchObject({ code: 'namespace-not-empty' })
    await dropWith({ tables: ['t'], views: ['v'] })
    await expect(catalog.loadNamespace(namespace.namespace)).rejects.toMatchObject({ code: 'not-found' })
    await catalog.write({ kind: 'create-namespace', namespace: namespace.namespace, properties: {} })
    const dropped = await listDropped()
    expect(dropped.map(({ kind, table }) => [kind, table])).toEqual([
      ['table', 't'],
      ['view', 'v'],
    ])
    for (const { auditId, table } of dropped) await restore(auditId, table)
    await catalog.loadView(view)
    await catalog.loadTable({ ...namespace, table: 't' })
  })

  test('stays as it is while one of them is protected', async () => {
    await addTable('t')
    await catalog.write({
      kind: 'commit-view',
      view,
      change: {
        requirements: [],
        updates: [{ action: 'set-properties', updates: { 'lakeshore.protected': 'true' } }],
      },
    })
    await expect(dropWith({ tables: ['t'], views: ['v'] })).rejects.toMatchObject({ code: 'invalid-request' })
    expect(await listDropped()).toEqual([])
  })

  test('stays as it is while another namespace is in it', async () => {
    await catalog.write({ kind: 'create-namespace', namespace: [...namespace.namespace, 'below'], properties: {} })
    await expect(dropWith({ tables: [], views: ['v'] })).rejects.toMatchObject({ code: 'namespace-not-empty' })
    await catalog.loadView(view)
  })

  test('names what went when one of them could not be dropped', async () => {
    for (const table of ['a', 'b', 'c']) await addTable(table)
    const failing = beforeWrites(catalog, 'drop-table', async ({ table }) => {
      if (table.table === 'b') throw new AppError('catalog-unavailable', 'The catalog is away.')
    })
    vi.spyOn(home.services.catalogs, 'open').mockResolvedValue(failing)
    await expect(dropWith({ tables: ['a', 'b', 'c'], views: ['v'] })).rejects.toMatchObject({
      code: 'catalog-unavailable',
      message: 'Dropped: v, a. Not dropped: b, because: The catalog is away. Not tried: c. The namespace still exists.',
    })
    vi.restoreAllMocks()
    expect((await listDropped()).map(({ table }) => table)).toEqual(['a', 'v'])
    expect((await catalog.listTables(namespace.namespace)).map(({ table }) => table)).toEqual(['b', 'c'])
  })
})
