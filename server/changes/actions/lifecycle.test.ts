import { rawChange } from '@/testing/databases/test-sql'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MAX_DROPPED_TABLES } from '@/lib/contract/lifecycle/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Grant, grantsOfRole } from '@/lib/permissions'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { NewTable } from '@/server/catalog/port/catalog-write'
import { auditChange } from '@/server/db/audit'
import { listAudit, readAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { listRuns } from '@/server/db/jobs/runs'
import { cancelRun } from '@/server/jobs/change-run'
import { appendFiles } from '@/server/table/commit/append-files'
import { listDroppedTables, reviewRestore } from './restore'
import { reviewDrop, reviewNamespaceDrop, reviewRename } from '@/testing/lifecycle/reviews'
import {
  changeNamespaceProperties,
  createNamespace,
  dropNamespace,
  dropTable,
  renameTable,
  restoreTable,
} from '@/testing/lifecycle/actions'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const home = createTestHome()
const signal = new AbortController().signal
const context = { actor: ANN, signal, requestId: 'r1' }

let catalog: CatalogClient
let table: TableIdentifier
let tables = 0

beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({ kind: 'create-namespace', namespace: ['demo', 'archive'], properties: {} })
})
beforeEach(async () => {
  tables += 1
  table = { catalog: 'local', namespace: ['demo'], table: `t${tables}` }
  await catalog.write({
    kind: 'create-table',
    table,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
  })
})

const append = async (identifier: TableIdentifier) => {
  const { metadata } = await catalog.loadTable(identifier)
  await appendFiles(home.services.log, {
    catalog,
    store: home.services.stores.catalogStore('local'),
    identifier,
    files: [sampleDataFile(`${metadata.location}/data/a.parquet`)],
    specId: 0,
    schemaId: 0,
    actor: ANN,
    signal,
  })
}
const nameOf = ({ namespace, table: name }: TableIdentifier) => [...namespace, name].join('.')
const drop = async (identifier: TableIdentifier, isPurge = false) => {
  const { metadataLocation } = await reviewDrop(home.services, identifier, context)
  return dropTable(
    home.services,
    identifier,
    { isPurge, metadataLocation },
    { ...context, confirmedName: nameOf(identifier) },
  )
}
const dropEmpty = (catalogName: string, namespace: readonly string[], confirmedName: string) =>
  dropNamespace(
    home.services,
    { catalog: catalogName, namespace },
    { contents: [{ namespace, tables: [], views: [] }] },
    { ...context, confirmedName },
  )
const dropped = async () =>
  (await listDroppedTables(home.services, { catalog: 'local', namespace: ['demo'] }, context)).tables

test('More dropped tables than are listed are said to be more', async () => {
  await catalog.write({ kind: 'create-namespace', namespace: ['full'], properties: {} })
  const namespace = { catalog: 'local', namespace: ['full'] }
  const addDrops = (count: number) =>
    home.database.commit(
      Array.from({ length: count }, () =>
        auditChange({ actor: ANN, action: 'drop-table', requestId: null, table: { ...namespace, table: 'gone' } }),
      ),
    )
  await addDrops(MAX_DROPPED_TABLES)
  expect((await listDroppedTables(home.services, namespace, context)).isTruncated).toBe(false)
  await addDrops(1)
  expect((await listDroppedTables(home.services, namespace, context)).isTruncated).toBe(true)
})

describe('Renaming a table', () => {
  test('is shown as the request and the statements of other programs', async () => {
    const to = { ...table, namespace: ['demo', 'archive'], table: 'old "t"' }
    const review = await reviewRename(home.services, table, to, context)
    expect(review.request.path).toMatch(/^\/v1\/.*tables\/rename$/)
    expect(JSON.parse(review.request.body ?? '')).toEqual({
      source: { namespace: ['demo'], name: table.table },
      destination: { namespace: ['demo', 'archive'], name: 'old "t"' },
    })
    expect(review.statements).toEqual({
      spark: `ALTER TABLE \`local\`.\`demo\`.\`${table.table}\` RENAME TO \`demo\`.\`archive\`.\`old "t"\`;`,
      trino: `ALTER TABLE "local"."demo"."${table.table}" RENAME TO "local"."demo.archive"."old ""t""";`,
      pyiceberg: `catalog.rename_table(("demo", "${table.table}"), ("demo", "archive", "old \\"t\\""))`,
    })
    expect(review.nameProblem).toBeNull()
  })

  test('keeps uuid, files and location, and is one entry of the audit', async () => {
    await append(table)
    const before = await catalog.loadTable(table)
    const to = { ...table, namespace: ['demo', 'archive'], table: `moved${tables}` }
    const { auditId } = await renameTable(home.services, table, to, context)
    const after = await catalog.loadTable(to)
    expect(after.metadataLocation).toBe(before.metadataLocation)
    await expect(catalog.loadTable(table)).rejects.toMatchObject({ code: 'not-found' })
    expect(await readAudit(home.database, auditId)).toMatchObject({
      action: 'rename-table',
      actor: { username: 'ann' },
      table: to,
      tableUuid: before.metadata.tableUuid,
      before: { name: nameOf(table) },
      after: { name: nameOf(to) },
      requestId: 'r1',
    })
  })

  test('says before that the name is taken or the namespace missing, and is refused', async () => {
    const taken = { ...table, table: 't1' }
    expect((await reviewRename(home.services, table, taken, context)).nameProblem).toBe(
      'There is already a table or view demo.t1.',
    )
    await expect(renameTable(home.services, table, taken, context)).rejects.toMatchObject({ code: 'already-exists' })
    const lost = { ...table, namespace: ['nowhere'] }
    expect((await reviewRename(home.services, table, lost, context)).nameProblem).toBe('There is no namespace nowhere.')
    await expect(renameTable(home.services, table, lost, context)).rejects.toMatchObject({ code: 'not-found' })
    await catalog.loadTable(table)
  })

  test('says before that a view has the name', async () => {
    const view = { catalog: 'local', namespace: ['demo'], view: `view${tables}` }
    const schema = { schemaId: 0, identifierFieldIds: [], fields: [] }
    await catalog.write({
      kind: 'create-view',
      view,
      schema,
      version: {
        versionId: 1,
        schemaId: 0,
        timestampMs: 0,
        summary: {},
        defaultCatalog: null,
        defaultNamespace: ['demo'],
        representations: [{ type: 'sql', sql: 'select 1', dialect: 'spark' }],
      },
    })
    const to = { ...table, table: view.view }
    expect((await reviewRename(home.services, table, to, context)).nameProblem).toContain('already a table or view')
    await expect(renameTable(home.services, table, to, context)).rejects.toMatchObject({ code: 'already-exists' })
  })

  test('needs the permission for the new name, too', async () => {
    const on = { catalog: 'local', namespace: ['demo', 'archive'] }
    const grants: Grant[] = [
      { permission: 'table:read', resource: table },
      { permission: 'table:maintain', resource: table },
      { permission: 'table:read', resource: on },
    ]
    const to = { ...table, namespace: on.namespace }
    const actor = { ...ANN, grants }
    expect((await reviewRename(home.services, table, to, { actor, signal })).nameProblem).toBe(
      'You may not create tables under this name.',
    )
    await expect(renameTable(home.services, table, to, { ...context, actor })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})

describe('Dropping a table', () => {
  test('shows what goes', async () => {
    await append(table)
    const { metadataLocation, metadata } = await catalog.loadTable(table)
    expect(await reviewDrop(home.services, table, context)).toMatchObject({
      metadataLocation,
      problem: null,
      location: metadata.location,
      snapshotCount: 1,
      refNames: ['main'],
      dataFileCount: 1,
      canRestore: true,
      purgeProblem: null,
      drop: {
        request: { method: 'DELETE' },
        statements: {
          spark: `DROP TABLE \`local\`.\`demo\`.\`${table.table}\`;`,
          trino: `CALL "local".system.unregister_table('demo', '${table.table}');`,
          pyiceberg: `catalog.drop_table(("demo", "${table.table}"))`,
        },
      },
      purge: { request: { path: expect.stringMatching(/\?purgeRequested=true$/) } },
    })
  })

  test('counts nothing in a table without a snapshot', async () => {
    expect(await reviewDrop(home.services, table, context)).toMatchObject({
      snapshotCount: 0,
      rowCount: 0,
      liveBytes: 0,
      dataFileCount: 0,
      deleteFileCount: 0,
    })
  })

  test('needs its name, and no change since the review', async () => {
    const { metadataLocation } = await catalog.loadTable(table)
    const review = { isPurge: false, metadataLocation }
    const typed = (confirmedName: string) => ({ ...context, confirmedName })
    await expect(dropTable(home.services, table, review, typed(table.table))).rejects.toMatchObject({
      code: 'invalid-request',
    })
    await append(table)
    await expect(dropTable(home.services, table, review, typed(nameOf(table)))).rejects.toMatchObject({
      code: 'version-conflict',
    })
    expect((await catalog.loadTable(table)).metadata.snapshots).toHaveLength(1)
  })

  test('compares the version in the transaction of the drop', async () => {
    const { metadataLocation } = await catalog.loadTable(table)
    await append(table)
    await expect(
      catalog.write({ kind: 'drop-table', table, expectedLocation: metadataLocation }),
    ).rejects.toMatchObject({
      code: 'version-conflict',
    })
    await catalog.loadTable(table)
  })

  test('keeps its files: it is restored as it was, once', async () => {
    await append(table)
    const before = await catalog.loadTable(table)
    const { auditId } = await drop(table)
    const [listed, ...others] = (await dropped()).filter((one) => one.table === table.table)
    expect(others).toEqual([])
    expect(listed).toMatchObject({ auditId, actor: 'ann', isNameTaken: false })

    const restored = await restoreTable(
      home.services,
      { catalog: 'local', namespace: ['demo'] },
      { auditId, name: table.table },
      context,
    )
    const after = await catalog.loadTable(table)
    expect(after.metadataLocation).toBe(before.metadataLocation)
    expect(await readAudit(home.database, restored.auditId)).toMatchObject({ action: 'restore-table', undoes: auditId })
    expect((await dropped()).filter((one) => one.table === table.table)).toEqual([])
    await expect(
      restoreTable(home.services, { catalog: 'local', namespace: ['demo'] }, { auditId, name: 'again' }, context),
    ).rejects.toMatchObject({ code: 'version-conflict' })
  })

  test('is not offered when its metadata file is damaged', async () => {
    const { metadataLocation } = await catalog.loadTable(table)
    await drop(table)
    const damaged = metadataLocation.replace(/[^/]+$/, 'damaged.metadata.json')
    writeFileSync(fileURLToPath(damaged), '{}')
    const before = { metadataLocation: damaged }
    await home.database.commit([auditChange({ actor: ANN, action: 'drop-table', requestId: null, table, before })])
    const listed = (await dropped()).filter((one) => one.table === table.table)
    expect(listed.map((one) => one.metadataLocation)).toEqual([metadataLocation])
  })

  test('is restored under another name when its own is taken', async () => {
    const { auditId } = await drop(table)
    await catalog.write({
      kind: 'create-table',
      table,
      schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'other', required: false, type: 'int' }] },
    })
    expect((await dropped()).find((one) => one.auditId === auditId)).toMatchObject({ isNameTaken: true })
    const namespace = { catalog: 'local', namespace: ['demo'] }
    await expect(restoreTable(home.services, namespace, { auditId, name: table.table }, context)).rejects.toMatchObject(
      { code: 'already-exists' },
    )
    const review = (name: string, of = namespace) => reviewRestore(home.services, of, { auditId, name }, context)
    expect((await review(table.table)).nameProblem).toBe(`There is already a table or view demo.${table.table}.`)
    expect((await review('..')).nameProblem).toContain('cannot be the name of a table')
    expect(await review(`${table.table}_back`)).toEqual({ nameProblem: null })
    await expect(review('x', { ...namespace, namespace: ['other'] })).rejects.toMatchObject({ code: 'not-found' })
    await restoreTable(home.services, namespace, { auditId, name: `${table.table}_back` }, context)
    const back = await catalog.loadTable({ ...table, table: `${table.table}_back` })
    expect(back.metadata.schemas[0]?.fields[0]?.name).toBe('id')
  })

  test('with its files queues their removal for later, and a restore cancels it', async () => {
    const { undropWindowMs } = home.services.config
    expect(await reviewDrop(home.services, table, context)).toMatchObject({ purgeAfterMs: undropWindowMs })
    const { metadataLocation } = await catalog.loadTable(table)
    const { auditId } = await drop(table, true)
    const [run] = await listRuns(home.database, { kind: 'purge-table', table, limit: 5 })
    expect(run).toMatchObject({ state: 'queued' })
    const scheduledForMs = run?.scheduledForMs ?? 0
    expect(Math.abs(scheduledForMs - home.database.nowMs() - undropWindowMs)).toBeLessThan(60 * 60_000)
    expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({ action: 'purge-table', table })
    expect((await dropped()).find((one) => one.auditId === auditId)).toMatchObject({ purgeAtMs: scheduledForMs })
    const namespace = { catalog: 'local', namespace: ['demo'] }
    await restoreTable(home.services, namespace, { auditId, name: table.table }, context)
    expect((await catalog.loadTable(table)).metadataLocation).toBe(metadataLocation)
    expect(await listRuns(home.database, { kind: 'purge-table', table, limit: 5 })).toMatchObject([
      { state: 'cancelled' },
    ])
    expect((await dropped()).filter((one) => one.table === table.table)).toEqual([])
  })

  test('with its files stays restorable after a taken name was refused, and when the removal was cancelled', async () => {
    const namespace = { catalog: 'local', namespace: ['demo'] }
    const { auditId } = await drop(table, true)
    await catalog.write({
      kind: 'create-table',
      table,
      schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
    })
    await expect(restoreTable(home.services, namespace, { auditId, name: table.table }, context)).rejects.toMatchObject(
      { code: 'already-exists' },
    )
    const [run] = await listRuns(home.database, { kind: 'purge-table', table, limit: 1 })
    expect(run).toMatchObject({ state: 'queued' })
    await cancelRun(home.database, run?.id ?? '', context)
    expect((await dropped()).find((one) => one.auditId === auditId)).toMatchObject({ purgeAtMs: null })
    await restoreTable(home.services, namespace, { auditId, name: `${table.table}_back` }, context)
    await catalog.loadTable({ ...table, table: `${table.table}_back` })
  })

  test('with its files is not restored while another table has its folder, and their removal stays', async () => {
    const namespace = { catalog: 'local', namespace: ['demo'] }
    const { metadata } = await catalog.loadTable(table)
    const { auditId } = await drop(table, true)
    await catalog.write({
      kind: 'create-table',
      table: { ...table, table: `${table.table}_other` },
      schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
      location: metadata.location,
    })
    await expect(restoreTable(home.services, namespace, { auditId, name: table.table }, context)).rejects.toMatchObject(
      { code: 'already-exists' },
    )
    expect(await listRuns(home.database, { kind: 'purge-table', table, limit: 1 })).toMatchObject([{ state: 'queued' }])
  })

  test('with its files is not restorable once their removal has begun', async () => {
    const { auditId } = await drop(table, true)
    const [run] = await listRuns(home.database, { kind: 'purge-table', table, limit: 5 })
    await home.database.commit([
      rawChange("UPDATE runs SET state = 'running', started_at_ms = 1, lease_owner = 'w' WHERE id = ?", [
        run?.id ?? '',
      ]),
    ])
    expect((await dropped()).filter((one) => one.table === table.table)).toEqual([])
    const namespace = { catalog: 'local', namespace: ['demo'] }
    await expect(restoreTable(home.services, namespace, { auditId, name: table.table }, context)).rejects.toMatchObject(
      {
        code: 'version-conflict',
      },
    )
  })

  test('with its files removes them at once when no window is set', async () => {
    const services = { ...home.services, config: { ...home.services.config, undropWindowMs: 0 } }
    const { metadataLocation, purgeAfterMs } = await reviewDrop(services, table, context)
    expect(purgeAfterMs).toBe(0)
    await dropTable(services, table, { isPurge: true, metadataLocation }, { ...context, confirmedName: nameOf(table) })
    expect(await listRuns(home.database, { kind: 'purge-table', table, limit: 5 })).toMatchObject([
      { scheduledForMs: null },
    ])
  })

  test('with its files is refused when the table says that they are shared', async () => {
    const update = { action: 'set-properties', updates: { 'gc.enabled': 'false' } } as const
    await catalog.write({ kind: 'commit-table', table, change: { requirements: [], updates: [update] } })
    expect((await reviewDrop(home.services, table, context)).purgeProblem).toContain('GC is disabled')
    await expect(drop(table, true)).rejects.toMatchObject({ code: 'invalid-request' })
    await catalog.loadTable(table)
    await drop(table)
  })

  test('is refused while it is protected, also a rename', async () => {
    const update = { action: 'set-properties', updates: { 'lakeshore.protected': 'true' } } as const
    await catalog.write({ kind: 'commit-table', table, change: { requirements: [], updates: [update] } })
    expect((await reviewDrop(home.services, table, context)).dropProblem).toContain('protected')
    await expect(drop(table)).rejects.toMatchObject({ code: 'invalid-request' })
    const to = { ...table, table: `${table.table}_moved` }
    expect((await reviewRename(home.services, table, table, context)).renameProblem).toContain('protected')
    expect((await reviewRename(home.services, table, to, context)).nameProblem).toContain('protected')
    await expect(renameTable(home.services, table, to, context)).rejects.toMatchObject({ code: 'invalid-request' })
    const removal = { action: 'remove-properties', removals: ['lakeshore.protected'] } as const
    await catalog.write({ kind: 'commit-table', table, change: { requirements: [], updates: [removal] } })
    expect((await reviewDrop(home.services, table, context)).dropProblem).toBeNull()
    await drop(table)
  })

  test('works when its metadata is gone, and says what is the matter', async () => {
    const { metadataLocation } = await catalog.loadTable(table)
    const file = fileURLToPath(metadataLocation)
    expect(readFileSync(file).length).toBeGreaterThan(0)
    rmSync(file)
    await home.restart()
    catalog = await home.services.catalogs.open('local', ANN)
    expect(await reviewDrop(home.services, table, context)).toMatchObject({
      metadataLocation: null,
      problem: { code: 'file-missing' },
      canRestore: false,
      purgeProblem: expect.stringContaining('cannot be read'),
    })
    const { auditId } = await drop(table)
    expect(await readAudit(home.database, auditId)).toMatchObject({ action: 'drop-table', tableUuid: null })
    expect((await dropped()).filter((one) => one.auditId === auditId)).toEqual([])
  })

  test('of another namespace is not restored here, nor what is not a drop', async () => {
    const { auditId } = await drop(table)
    for (const [namespace, id] of [
      [['demo', 'archive'], auditId],
      [['demo'], '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ] as const) {
      await expect(
        restoreTable(home.services, { catalog: 'local', namespace }, { auditId: id, name: 'x' }, context),
      ).rejects.toMatchObject({ code: 'not-found' })
    }
  })
})

describe('A namespace', () => {
  const ops = { catalog: 'local', namespace: ['ops', 'eu'] }
  const facts = { actor: ANN, signal, requestId: null }

  test('is created, changed and dropped, each with an entry of the audit', async () => {
    await createNamespace(home.services, ops, { properties: { owner: 'ann' } }, facts)
    const change = (name: string, base: string | null, value: string | null) =>
      changeNamespaceProperties(home.services, ops, { changes: [{ name, base, value }] }, facts)
    await change('owner', 'ann', 'bob')
    await change('comment', null, 'of Europe')
    await change('owner', 'bob', null)
    expect((await catalog.loadNamespace(['ops', 'eu'])).properties).toMatchObject({ comment: 'of Europe' })
    await expect(change('comment', 'of Asia', 'x')).rejects.toMatchObject({ code: 'version-conflict' })
    for (const [name, value] of [
      ['s3.secret-access-key', 'x'],
      ['lakeshore.badge', 'bogus'],
      ['location', 'not a uri'],
    ] as const)
      await expect(change(name, null, value)).rejects.toMatchObject({ code: 'invalid-request' })
    const twice = [
      { name: 'a', base: null, value: '1' },
      { name: 'a', base: null, value: '2' },
    ]
    await expect(changeNamespaceProperties(home.services, ops, { changes: twice }, facts)).rejects.toMatchObject({
      code: 'invalid-request',
    })
    await expect(dropEmpty('local', ['ops', 'eu'], 'eu')).rejects.toMatchObject({ code: 'invalid-request' })
    await dropEmpty('local', ['ops', 'eu'], 'ops.eu')
    await expect(catalog.loadNamespace(['ops', 'eu'])).rejects.toMatchObject({ code: 'not-found' })
    const entries = await listAudit(home.database, { limit: 5 })
    expect(entries.map(({ action }) => action)).toEqual([
      'drop-namespace',
      'update-namespace',
      'update-namespace',
      'update-namespace',
      'create-namespace',
    ])
  })

  test('with tables in it is not dropped, and a name that exists is not created', async () => {
    await expect(dropEmpty('local', ['demo'], 'demo')).rejects.toMatchObject({
      code: 'namespace-not-empty',
    })
    const demo = { catalog: 'local', namespace: ['demo'] }
    await expect(createNamespace(home.services, demo, { properties: {} }, facts)).rejects.toMatchObject({
      code: 'already-exists',
    })
  })

  test('goes with the tables that were shown, and with no other', async () => {
    const namespace = { catalog: 'local', namespace: ['leaving'] }
    await catalog.write({ kind: 'create-namespace', namespace: ['leaving'], properties: {} })
    const schema: NewTable['schema'] = {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [{ id: 1, name: 'id', required: false, type: 'long' }],
    }
    const add = (name: string, properties = {}) =>
      catalog.write({ kind: 'create-table', table: { ...namespace, table: name }, schema, properties })
    await add('a')
    await add('b', { 'lakeshore.protected': 'true' })
    const dropWith = (...names: string[]) =>
      dropNamespace(
        home.services,
        namespace,
        { contents: [{ ...namespace, tables: names, views: [] }] },
        { ...context, confirmedName: 'leaving' },
      )
    await expect(dropWith('a')).rejects.toMatchObject({ code: 'namespace-not-empty' })
    await expect(dropWith('a', 'b')).rejects.toMatchObject({ code: 'invalid-request' })
    expect(await catalog.listTables(['leaving'])).toHaveLength(2)
    await catalog.write({
      kind: 'commit-table',
      table: { ...namespace, table: 'b' },
      change: { requirements: [], updates: [{ action: 'remove-properties', removals: ['lakeshore.protected'] }] },
    })
    await dropWith('a', 'b')
    await expect(catalog.loadNamespace(['leaving'])).rejects.toMatchObject({ code: 'not-found' })
    await catalog.write({ kind: 'create-namespace', namespace: ['leaving'], properties: {} })
    const { tables: restorable } = await listDroppedTables(home.services, namespace, context)
    expect(restorable.map(({ table: name }) => name).toSorted()).toEqual(['a', 'b'])
  })
})

describe('Through a connection', () => {
  let listener: RestListener
  let mirrored: TableIdentifier

  beforeAll(async () => {
    listener = await startRestListener(home.services)
    const token = await createRestTokenAs(home.services, 'editor')
    const { userId, username } = await signInAs(home.services, 'admin')
    const admin = actorFor({ userId, username, role: 'admin' })
    await addMirror(home, { name: 'mirror', listener, token, admin })
  })
  afterAll(() => listener.stop())
  beforeEach(() => {
    mirrored = { ...table, catalog: 'mirror' }
  })

  test('a table is renamed and dropped by the requests that were shown', async () => {
    const to = { ...mirrored, table: `${table.table}_far` }
    expect((await reviewRename(home.services, mirrored, to, context)).request.path).toMatch(/\/tables\/rename$/)
    await renameTable(home.services, mirrored, to, context)
    await catalog.loadTable({ ...to, catalog: 'local' })

    const review = await reviewDrop(home.services, to, context)
    expect(review).toMatchObject({ problem: null, canRestore: false, purgeProblem: null })
    const { auditId } = await drop(to)
    await expect(catalog.loadTable({ ...to, catalog: 'local' })).rejects.toMatchObject({ code: 'not-found' })
    expect(await readAudit(home.database, auditId)).toMatchObject({
      action: 'drop-table',
      table: to,
      before: { metadataLocation: review.metadataLocation },
    })
    const there = await listDroppedTables(home.services, { catalog: 'mirror', namespace: ['demo'] }, context)
    expect(there).toEqual({ tables: [], isTruncated: false })
  })

  test('the files are removed by the catalog when that was asked', async () => {
    await drop(mirrored, true)
    expect(await listRuns(home.database, { kind: 'purge-table', table, limit: 5 })).toHaveLength(1)
    expect(await listRuns(home.database, { kind: 'purge-table', table: mirrored, limit: 5 })).toEqual([])
  })

  test('a namespace is created, changed and dropped', async () => {
    const far = await home.services.catalogs.open('mirror', ANN)
    const facts = { actor: ANN, signal, requestId: null }
    const on = { catalog: far.name, namespace: ['far'] }
    await createNamespace(home.services, on, { properties: {} }, facts)
    await changeNamespaceProperties(
      home.services,
      on,
      { changes: [{ name: 'owner', base: null, value: 'ann' }] },
      facts,
    )
    expect((await catalog.loadNamespace(['far'])).properties).toMatchObject({ owner: 'ann' })
    await dropEmpty(far.name, ['far'], 'far')
    await expect(catalog.loadNamespace(['far'])).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('Where changes need two people', () => {
  const demand = (requiresProposal: boolean) =>
    home.database.commit([setPolicyChange({ catalog: 'local', namespace: ['demo'] }, { requiresProposal, by: 'ada' })])
  afterEach(() => demand(false))
  const to = () => ({ ...table, namespace: ['elsewhere'] })
  beforeAll(() => catalog.write({ kind: 'create-namespace', namespace: ['elsewhere'], properties: {} }))

  test('no user renames, moves or drops a table alone, and the panels show what can be proposed', async () => {
    await demand(true)
    const held = {
      code: 'forbidden',
      message: expect.stringContaining('Changes of tables and views in demo need two people'),
    }
    await expect(renameTable(home.services, table, to(), context)).rejects.toMatchObject(held)
    await expect(renameTable(home.services, table, { ...table, table: 'b' }, context)).rejects.toMatchObject(held)
    await expect(drop(table)).rejects.toMatchObject(held)
    await expect(drop(table, true)).rejects.toMatchObject(held)
    expect((await reviewRename(home.services, table, to(), context)).nameProblem).toBeNull()
    expect((await reviewDrop(home.services, table, context)).dropProblem).toBeNull()
    const on = { catalog: 'local', namespace: ['demo'] }
    const { contents, problems, policyBlockers } = await reviewNamespaceDrop(home.services, on, context)
    expect(problems).toEqual([])
    expect(policyBlockers).toEqual([expect.stringContaining('Changes of tables and views in demo need two people')])
    await expect(
      dropNamespace(home.services, on, { contents }, { ...context, confirmedName: 'demo' }),
    ).rejects.toMatchObject(held)
    expect((await catalog.loadTable(table)).identifier).toEqual(table)
  })

  test('a rename and a drop fail when the policy is set while they are made', async () => {
    const { database } = home.services
    const setPolicyBeforeNextCommit = () => {
      const { commit } = database
      database.commit = async (changes) => {
        Object.assign(database, { commit })
        await demand(true)
        return commit(changes)
      }
    }
    for (const act of [() => renameTable(home.services, table, to(), context), () => drop(table)]) {
      setPolicyBeforeNextCommit()
      await expect(act()).rejects.toMatchObject({ code: 'forbidden' })
      await demand(false)
    }
    expect((await catalog.loadTable(table)).identifier).toEqual(table)
  })

  test('a table that was dropped before is restored', async () => {
    const { auditId } = await drop(table)
    await demand(true)
    await restoreTable(
      home.services,
      { catalog: 'local', namespace: ['demo'] },
      { auditId, name: table.table },
      context,
    )
    expect((await catalog.loadTable(table)).identifier).toEqual(table)
  })
})
