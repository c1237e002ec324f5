import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { type RestClient, createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { startRestListener, type RestListener } from '@/testing/catalogs/rest-listener'
import type { Resource } from '@/lib/permissions'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { rawQuery } from '@/testing/databases/test-sql'
import { type Actor, actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { listNewestEvents } from '@/testing/homes/newest-events'
import { commitIntents } from '@/server/changes/actions/change-table'
import { readHistory } from '@/server/table/history/read-history'
import { snapshotPage } from '@/server/table/snapshot-page'
import { readSnapshotWriters } from '@/server/table/snapshot-writers'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { undo } from '@/testing/lifecycle/actions'

const home = createTestHome()

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const PYICEBERG = { 'user-agent': 'PyIceberg/0.12.0', 'x-client-version': 'PyIceberg 0.12.0' }
const JAVA = {
  'user-agent': 'Apache-HttpClient/5.5 (Java/17)',
  'x-client-version': 'Apache Iceberg 1.10.0 (commit 2114bf6)',
}
const SNAPSHOT_ID = '3051729675574597004'

let callRest: RestClient
let token: string
let admin: Actor
let listener: RestListener

beforeAll(async () => {
  token = await createRestTokenAs(home.services, 'editor')
  callRest = createRestClient(home.services, token)
  const { userId, username } = await signInAs(home.services, 'admin')
  admin = actorFor({ userId, username, role: 'admin' })
  await callRest('POST', 'local/namespaces', { body: { namespace: ['demo'], properties: {} }, headers: PYICEBERG })
  listener = await startRestListener(home.services)
  await addMirror(home, { name: 'mirror', listener, token, admin })
})
afterAll(() => listener.stop())

const commit = (name: string, updates: object[], headers: Record<string, string>) =>
  callRest('POST', `local/namespaces/demo/tables/${name}`, {
    body: { requirements: [], updates } as JsonObject,
    headers,
  })
const create = (name: string) =>
  callRest('POST', 'local/namespaces/demo/tables', { body: { name, schema: SCHEMA }, headers: PYICEBERG })
const toIdentifier = (table: string, catalog = 'local'): TableIdentifier => ({ catalog, namespace: ['demo'], table })
const load = async (identifier: TableIdentifier) =>
  (await home.services.catalogs.open(identifier.catalog, admin)).loadTable(identifier)
const loadHistory = async (identifier: TableIdentifier, actor = admin) => {
  const catalog = await home.services.catalogs.open(identifier.catalog, admin)
  const context = { actor, catalog, signal: new AbortController().signal }
  return (await readHistory(home.services, await catalog.loadTable(identifier), null, context)).entries
}
const snapshot = () => ({
  'snapshot-id': BigInt(SNAPSHOT_ID),
  'sequence-number': 1,
  'timestamp-ms': Date.now(),
  'manifest-list': `${home.config.warehouse}/demo/written/metadata/s.avro`,
  summary: { operation: 'append', 'engine-name': 'spark', 'engine-version': '4.0.1' },
})
const setOwner = (value: string, base: string | null): Intent => ({ kind: 'set-property', key: 'owner', value, base })
const intentOptions = () => ({
  actor: admin,
  signal: new AbortController().signal,
  requestId: 'r',
  action: 'set-properties',
})

describe('A change by an engine', () => {
  it('is audited with the person, the program and the token', async () => {
    await create('written')
    await commit('written', [{ action: 'set-properties', updates: { owner: 'x' } }], JAVA)
    const updates = [
      { action: 'add-snapshot', snapshot: snapshot() },
      { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': BigInt(SNAPSHOT_ID) },
    ]
    expect((await commit('written', updates, JAVA)).status).toBe(200)
    await commit('written', [{ action: 'set-properties', updates: { owner: 'y' } }], {})
    const entries = await loadHistory(toIdentifier('written'))
    expect(entries.map(({ action, source, via }) => [action, source, via?.client])).toEqual([
      ['set-properties', 'engine', null],
      ['append', 'engine', 'spark 4.0.1'],
      ['set-properties', 'engine', 'Apache Iceberg 1.10.0'],
      ['create-table', 'engine', 'PyIceberg 0.12.0'],
    ])
    for (const { actor, via } of entries) {
      expect(actor).toMatch(/^editor-/)
      expect(via?.token).toBe('engine')
    }
    expect(entries[1]?.snapshotId).toBe(SNAPSHOT_ID)
  })

  it('is one entry with its actor, however many snapshots it made', async () => {
    const { body: created } = await create('overwritten')
    const [deleted, appended] = ['3051729675574597101', '3051729675574597102']
    const counts = { delete: { 'deleted-records': '8' }, append: { 'added-records': '5' } }
    const toUpdate = (id: string, operation: 'delete' | 'append', sequenceNumber: number) => ({
      action: 'add-snapshot',
      snapshot: {
        ...snapshot(),
        'snapshot-id': BigInt(id),
        ...(operation === 'append' && { 'parent-snapshot-id': BigInt(deleted) }),
        'sequence-number': sequenceNumber,
        'manifest-list': `${(created['metadata'] as { location: string }).location}/metadata/${id}.avro`,
        summary: { operation, ...counts[operation] },
      },
    })
    const toMain = { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': BigInt(appended) }
    const updates = [toUpdate(deleted, 'delete', 1), toUpdate(appended, 'append', 2), toMain]
    expect((await commit('overwritten', updates, PYICEBERG)).status).toBe(200)
    const entries = await loadHistory(toIdentifier('overwritten'))
    expect(entries.map(({ action }) => action)).toEqual(['overwrite', 'create-table'])
    expect(entries[0]).toMatchObject({
      actor: expect.stringMatching(/^editor-/),
      via: { client: 'PyIceberg 0.12.0' },
      snapshotId: appended,
      snapshots: [
        { snapshotId: deleted, operation: 'delete' },
        { snapshotId: appended, operation: 'append' },
      ],
    })
    const loaded = await load(toIdentifier('overwritten'))
    const writerOf = await readSnapshotWriters(home.database, [loaded.metadata], admin)
    const writer = `${entries[0]?.actor} · PyIceberg 0.12.0`
    const page = snapshotPage(loaded.metadata, 0, {}, writerOf)
    expect(page.snapshots.map((listed) => listed.writer)).toEqual([writer, writer])
    expect(page.writers).toEqual([writer])
    expect(snapshotPage(loaded.metadata, 0, { writer }, writerOf).totalCount).toBe(2)
    const events = await listNewestEvents(home.services, admin, 50)
    const shown = events.filter(({ target }) => target?.table === 'overwritten')
    expect(shown.map(({ action, commit: made }) => [action, made?.addedRows, made?.removedRows])).toEqual([
      ['overwrite', 5, 8],
      ['create-table', undefined, undefined],
    ])
  })

  it('is shown as such on the home page, also for namespaces, views and dropped tables', async () => {
    await create('short-lived')
    await callRest('DELETE', 'local/namespaces/demo/tables/short-lived', { headers: PYICEBERG })
    const events = (await listNewestEvents(home.services, admin, 20)).filter(({ action }) =>
      ['drop-table', 'create-namespace', 'append'].includes(action),
    )
    expect(events.map(({ action, source, via, commit }) => [action, source, via?.client, commit?.snapshotId])).toEqual([
      ['drop-table', 'engine', 'PyIceberg 0.12.0', undefined],
      ['append', 'engine', 'spark 4.0.1', SNAPSHOT_ID],
      ['create-namespace', 'engine', 'PyIceberg 0.12.0', undefined],
    ])
  })

  it('differs from a change in the console, which names no program', async () => {
    await create('by-hand')
    await commitIntents(home.services, toIdentifier('by-hand'), [setOwner('me', null)], intentOptions())
    const [newest] = await loadHistory(toIdentifier('by-hand'))
    expect(newest).toMatchObject({ actor: admin.username, source: 'console', via: null })
  })

  it('has the table’s uuid when it renames or drops one, so that its History has it', async () => {
    await create('moved')
    const { tableUuid } = (await load(toIdentifier('moved'))).metadata
    const body = {
      source: { namespace: ['demo'], name: 'moved' },
      destination: { namespace: ['demo'], name: 'moved_on' },
    }
    expect((await callRest('POST', 'local/tables/rename', { body, headers: JAVA })).status).toBe(204)
    expect((await callRest('DELETE', 'local/namespaces/demo/tables/moved_on', { headers: JAVA })).status).toBe(204)
    const entries = await listAudit(home.database, { tableUuid, limit: 5 })
    expect(entries.map(({ action }) => action)).toEqual(['drop-table', 'rename-table', 'create-table'])
  })

  it('has the view’s uuid when it renames or drops one', async () => {
    const view = {
      name: 'seen',
      schema: SCHEMA,
      'view-version': {
        'version-id': 1,
        'timestamp-ms': 1_700_000_000_000,
        'schema-id': 0,
        summary: {},
        'default-namespace': ['demo'],
        representations: [{ type: 'sql', sql: 'select 1 as id', dialect: 'spark' }],
      },
      properties: {},
    }
    expect((await callRest('POST', 'local/namespaces/demo/views', { body: view, headers: JAVA })).status).toBe(200)
    const local = await home.services.catalogs.open('local', admin)
    const { viewUuid } = (await local.loadView({ catalog: 'local', namespace: ['demo'], view: 'seen' })).metadata
    const body = {
      source: { namespace: ['demo'], name: 'seen' },
      destination: { namespace: ['demo'], name: 'seen_again' },
    }
    expect((await callRest('POST', 'local/views/rename', { body, headers: JAVA })).status).toBe(204)
    expect((await callRest('DELETE', 'local/namespaces/demo/views/seen_again', { headers: JAVA })).status).toBe(204)
    const entries = await listAudit(home.database, { tableUuid: viewUuid, limit: 5 })
    expect(entries.map(({ action }) => action)).toEqual(['drop-view', 'rename-view', 'create-view'])
  })

  it('is by its user and by the engine that the summary names', async () => {
    await create('by-spark')
    const summary = { operation: 'append', 'engine-name': 'spark', 'engine-version': '3.5.7' }
    const updates = [{ action: 'add-snapshot', snapshot: { ...snapshot(), summary } }]
    expect((await commit('by-spark', updates, PYICEBERG)).status).toBe(200)
    const { metadata } = await load(toIdentifier('by-spark'))
    const writerOf = await readSnapshotWriters(home.database, [metadata], admin)
    const [entry] = await loadHistory(toIdentifier('by-spark'))
    expect(metadata.snapshots.map(writerOf)).toEqual([`${entry?.actor} · spark 3.5.7`])
  })

  it('is not the commit of the snapshots that a registered table has', async () => {
    await create('handed-over')
    const updates = [{ action: 'add-snapshot', snapshot: { ...snapshot(), summary: { operation: 'append' } } }]
    expect((await commit('handed-over', updates, PYICEBERG)).status).toBe(200)
    const { metadata, metadataLocation: location } = await load(toIdentifier('handed-over'))
    await callRest('POST', 'local/namespaces/demo/tables/handed-over/unregister', { body: {} })
    const body = { name: 'taken-over', 'metadata-location': location }
    expect((await callRest('POST', 'local/namespaces/demo/register', { body, headers: JAVA })).status).toBe(200)
    const [entry] = await listAudit(home.database, { tableUuid: metadata.tableUuid, limit: 1 })
    expect([entry?.action, entry?.after?.snapshots]).toEqual(['register-table', undefined])
    const writerOf = await readSnapshotWriters(home.database, [metadata], admin)
    expect(metadata.snapshots.map(writerOf)).toEqual([expect.stringMatching(/^editor-.* · PyIceberg 0\.12\.0$/)])
  })
})

describe('A change by the console through a connection to its own catalog', () => {
  it('is shown once on every page, with the person, and can be undone', async () => {
    await create('seen-twice')
    const viaMirror = toIdentifier('seen-twice', 'mirror')
    await commitIntents(home.services, viaMirror, [setOwner('me', null)], intentOptions())
    for (const identifier of [viaMirror, toIdentifier('seen-twice')]) {
      const entries = await loadHistory(identifier)
      expect(entries.map(({ action, source, actor }) => [action, source, actor])).toEqual([
        ['set-properties', 'console', admin.username],
        ['create-table', 'engine', expect.stringMatching(/^editor-/)],
      ])
    }
    const tableEvents = (await listNewestEvents(home.services, admin, 50)).filter(
      ({ target }) => target.table === 'seen-twice',
    )
    expect(tableEvents.map(({ action, target }) => [action, target.catalog])).toEqual([
      ['set-properties', 'mirror'],
      ['create-table', 'local'],
    ])
    const [entry] = await loadHistory(viaMirror)
    await undo(home.services, viaMirror, entry?.auditId ?? '', intentOptions())
    expect((await load(toIdentifier('seen-twice'))).metadata.properties).not.toHaveProperty('owner')
    expect((await loadHistory(toIdentifier('seen-twice'))).map(({ action }) => action)).toEqual([
      'undo',
      'set-properties',
      'create-table',
    ])
  })

  it('is shown as a change over REST to people who may not see that connection', async () => {
    await create('seen-here')
    await commitIntents(home.services, toIdentifier('seen-here', 'mirror'), [setOwner('me', null)], intentOptions())
    const summarize = async (resource: Resource) => {
      const actor: Actor = { ...admin, grants: [{ permission: 'table:read', resource }] }
      const events = (await listNewestEvents(home.services, actor, 50)).filter(
        ({ target }) => target.table === 'seen-here',
      )
      const entries = await loadHistory(toIdentifier('seen-here'), actor)
      expect(entries.map(({ action }) => action)).toEqual(['set-properties', 'create-table'])
      return [events.map(({ action, target }) => `${action} in ${target.catalog}`), entries[0]?.source]
    }
    const seenLocally = [['set-properties in local', 'create-table in local'], 'engine']
    expect(await summarize({ catalog: 'local' })).toEqual(seenLocally)
    expect(await summarize({ catalog: 'local', namespace: ['demo'] })).toEqual(seenLocally)
    expect(await summarize({ catalog: 'local', namespace: ['demo'], table: 'seen-here' })).toEqual(seenLocally)
    expect(await summarize({ catalog: 'local', namespace: ['dem'] })).toEqual([[], 'engine'])
    expect(await summarize({ catalog: 'mirror', namespace: ['demo'] })).toEqual([
      ['set-properties in mirror'],
      'console',
    ])
    const seenEverywhere = [['set-properties in mirror', 'create-table in local'], 'console']
    expect(await summarize({})).toEqual(seenEverywhere)
  })

  it('is in the audit twice: as the intent, and in the transaction of the commit', async () => {
    const { metadata } = await load(toIdentifier('seen-twice'))
    const rows = await home.database.read(
      rawQuery<{ catalog: string; action: string; via: string | null }>(
        'SELECT catalog, action, via FROM audit WHERE table_uuid = ? ORDER BY seq',
        [metadata.tableUuid],
      ),
    )
    const entries = rows.map(({ via, ...row }) => ({ ...row, client: via === null ? null : JSON.parse(via).client }))
    expect(entries).toEqual([
      { catalog: 'local', action: 'create-table', client: 'PyIceberg 0.12.0' },
      { catalog: 'local', action: 'set-properties', client: 'lakeshore' },
      { catalog: 'mirror', action: 'set-properties', client: null },
      { catalog: 'local', action: 'remove-properties', client: 'lakeshore' },
      { catalog: 'mirror', action: 'undo', client: null },
    ])
  })

  it('does not hide that a table was registered in one catalog after it was created in another', async () => {
    const created = await create('made-here')
    const location = created.body['metadata-location'] ?? null
    const uuid = (await load(toIdentifier('made-here'))).metadata.tableUuid
    await callRest('POST', 'local/namespaces/demo/tables/made-here/unregister', { body: {} })
    await callRest('POST', 'local/namespaces/demo/register', { body: { name: 'again', 'metadata-location': location } })
    const entries = await listAudit(home.database, { tableUuid: uuid, limit: 9 })
    expect(entries.map(({ action }) => action)).toEqual(['register-table', 'unregister-table', 'create-table'])
  })
})
