import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { commitChanges } from '@/lib/contract/table/changes'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { isOnPostgres } from '@/testing/databases/test-postgres'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { type Actor, actorFor } from '@/server/auth/actor'
import { commitIntents } from '@/server/changes/actions/change-table'
import { readHistoryAs } from '@/testing/lifecycle/history'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { undo } from '@/testing/lifecycle/actions'

/**
 * Megabytes of text in metadata are refused at every door with the name of the field. They are not written, and the
 * audit never contains the text.
 */

const home = createTestHome()

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const HUGE = 'x'.repeat(31_000_000)
const TEN_MILLION = 'y'.repeat(10_000_000)

let callRest: RestClient
let person: SignedInUser
let admin: Actor

beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'editor')
  person = await signInAs(home.services, 'admin')
  admin = actorFor({ ...person, role: 'admin' })
  await callRest('POST', 'local/namespaces', { body: { namespace: ['demo'], properties: {} } })
})

const toIdentifier = (table: string): TableIdentifier => ({ catalog: 'local', namespace: ['demo'], table })
const load = async (table: string) => (await home.services.catalogs.open('local', admin)).loadTable(toIdentifier(table))
const create = (name: string, properties: Record<string, string> = {}) =>
  callRest('POST', 'local/namespaces/demo/tables', { body: { name, schema: SCHEMA, properties } })
const commit = (name: string, updates: object[]) =>
  callRest('POST', `local/namespaces/demo/tables/${name}`, { body: { requirements: [], updates } as JsonObject })
const setProperties = (name: string, updates: Record<string, string>) =>
  commit(name, [{ action: 'set-properties', updates }])
const intentOptions = () => ({
  actor: admin,
  signal: new AbortController().signal,
  requestId: 'r',
  action: 'set-properties',
})
const toViewVersion = (sql: string, summary: Record<string, string> = {}) => ({
  'version-id': 1,
  'timestamp-ms': 1_700_000_000_000,
  'schema-id': 0,
  summary,
  representations: [{ type: 'sql', sql, dialect: 'spark' }],
  'default-namespace': ['demo'],
})
const createView = (name: string, sql: string, properties: Record<string, string> = {}) =>
  callRest('POST', 'local/namespaces/demo/views', {
    body: { name, schema: SCHEMA, 'view-version': toViewVersion(sql), properties },
  })

/** Every file in the warehouse, and the number of rows that a change could add. */
async function readState() {
  const { warehouse } = home.config
  const files = readdirSync(warehouse.replace(/^file:\/\//, ''), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
  const tables = ['audit', 'iceberg_tables', 'iceberg_namespace_properties']
  const rows = await Promise.all(
    tables.map((table) => home.database.read(rawQuery(`SELECT count(*) AS count FROM ${table}`))),
  )
  return { files, rows }
}

/** The response to a request, and whether it left anything behind. */
async function runAndCompare(work: () => Promise<{ status: number; body: JsonObject }>) {
  const before = JSON.stringify(await readState())
  const { status, body } = await work()
  return { status, text: JSON.stringify(body), isUntouched: JSON.stringify(await readState()) === before }
}

const refusal = (words: string) => ({ status: 400, text: expect.stringContaining(words), isUntouched: true })

describe('Over the REST catalog', () => {
  it('a property of 31 MB is refused by name, for tables, views and namespaces', async () => {
    await create('t')
    await createView('v', 'select 1')
    const words = 'The property comment: 31,000,000 characters, but the limit is 1,048,576. Nothing was changed.'
    expect(await runAndCompare(() => create('new', { comment: HUGE }))).toMatchObject(refusal(words))
    expect(
      await runAndCompare(() =>
        callRest('POST', 'local/namespaces/demo/tables', {
          body: { name: 'staged', schema: SCHEMA, properties: { comment: HUGE }, 'stage-create': true },
        }),
      ),
    ).toMatchObject(refusal(words))
    expect(await runAndCompare(() => setProperties('t', { comment: HUGE }))).toMatchObject(refusal(words))
    expect(
      await runAndCompare(() =>
        callRest('POST', 'local/transactions/commit', {
          body: {
            'table-changes': [
              {
                identifier: { namespace: ['demo'], name: 't' },
                requirements: [],
                updates: [{ action: 'set-properties', updates: { comment: HUGE } }],
              },
            ],
          },
        }),
      ),
    ).toMatchObject(refusal(words))
    expect(await runAndCompare(() => createView('new', 'select 1', { comment: HUGE }))).toMatchObject(refusal(words))
    const updates = [{ action: 'set-properties', updates: { comment: HUGE } }]
    expect(
      await runAndCompare(() =>
        callRest('POST', 'local/namespaces/demo/views/v', { body: { requirements: [], updates } }),
      ),
    ).toMatchObject(refusal(words))
    const properties = { comment: HUGE }
    expect(
      await runAndCompare(() => callRest('POST', 'local/namespaces', { body: { namespace: ['huge'], properties } })),
    ).toMatchObject(refusal(words))
    expect(
      await runAndCompare(() =>
        callRest('POST', 'local/namespaces/demo/properties', { body: { updates: properties, removals: [] } }),
      ),
    ).toMatchObject(refusal(words))
  })

  it('a summary of 10 MB is refused', async () => {
    await create('summarised')
    const snapshot = {
      'snapshot-id': 3051729675574597004n,
      'sequence-number': 1,
      'timestamp-ms': Date.now(),
      'manifest-list': `${home.config.warehouse}/demo/summarised/metadata/s.avro`,
      summary: { operation: 'append', notes: TEN_MILLION },
    }
    expect(await runAndCompare(() => commit('summarised', [{ action: 'add-snapshot', snapshot }]))).toMatchObject(
      refusal('most of it notes'),
    )
  })

  it('the text of a view of 10 MB is refused', async () => {
    await createView('short', 'select 1')
    expect(await runAndCompare(() => createView('long', TEN_MILLION))).toMatchObject(
      refusal("The view's text in spark"),
    )
    const updates = [
      { action: 'add-view-version', 'view-version': { ...toViewVersion(TEN_MILLION), 'version-id': 2 } },
      { action: 'set-current-view-version', 'view-version-id': -1 },
    ]
    expect(
      await runAndCompare(() =>
        callRest('POST', 'local/namespaces/demo/views/short', { body: { requirements: [], updates } }),
      ),
    ).toMatchObject(refusal("The view's text in spark"))
  })

  it('a metadata file with such a property is not registered', async () => {
    const location = await enlargeTable('to-register')
    await callRest('DELETE', 'local/namespaces/demo/tables/to-register')
    expect(
      await runAndCompare(() =>
        callRest('POST', 'local/namespaces/demo/register', { body: { name: 'again', 'metadata-location': location } }),
      ),
    ).toMatchObject(refusal('The property comment: 31,000,000'))
  })
})

describe('In the console', () => {
  const intent: Intent = { kind: 'set-property', key: 'comment', value: HUGE, base: null }

  it('a property of 31 MB is refused in the request and in the commit', async () => {
    await create('by-hand')
    const before = await readState()
    const handler = await loadRouteHandler(home.services, commitChanges)
    const request = new Request('http://test/x', {
      method: 'POST',
      headers: { cookie: person.cookie, 'content-type': 'application/json' },
      body: JSON.stringify({ intents: [intent] }),
    })
    const params = Promise.resolve({ catalog: 'local', namespace: 'demo', table: 'by-hand' })
    expect([400, 413]).toContain((await handler(request, { params })).status)
    await expect(
      commitIntents(home.services, toIdentifier('by-hand'), [intent], intentOptions()),
    ).rejects.toMatchObject({
      code: 'invalid-request',
      facts: { property: 'comment', chars: 31_000_000 },
    })
    expect(await readState()).toEqual(before)
  })
})

/** Gives a table a version with a property of 31 MB, as a writer without limits might. */
async function enlargeTable(name: string): Promise<string> {
  await create(name)
  const { metadataLocation } = await load(name)
  const file = metadataLocation.replace(/^file:\/\//, '')
  const metadata = JSON.parse(readFileSync(file, 'utf8')) as { properties: Record<string, string> }
  metadata.properties.comment = HUGE
  const enlargedLocation = metadataLocation.replace(/\/00000-/, '/00001-enlarged-')
  writeFileSync(enlargedLocation.replace(/^file:\/\//, ''), JSON.stringify(metadata))
  await home.database.commit([
    rawChange('UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = ?', [enlargedLocation, name]),
  ])
  return enlargedLocation
}

describe('A table that already has a property of 31 MB', () => {
  it('loads, and accepts only commits that do not enlarge it', async () => {
    await enlargeTable('large')
    expect((await load('large')).metadata.properties.comment).toHaveLength(31_000_000)
    expect((await setProperties('large', { owner: 'me', comment: HUGE })).status).toBe(200)
    expect((await setProperties('large', { comment: HUGE.slice(1) })).status).toBe(200)
    expect(await runAndCompare(() => setProperties('large', { comment: HUGE }))).toMatchObject(
      refusal('The property comment: 31,000,000'),
    )
    expect((await commit('large', [{ action: 'remove-properties', removals: ['comment'] }])).status).toBe(200)
    const [row] = await home.database.read(
      rawQuery<{ chars: number }>('SELECT max(length(before) + length(after)) AS chars FROM audit'),
    )
    expect(row?.chars).toBeLessThan(10_000)
  })
})

describe('A value that is too long for the audit', () => {
  const [first, second] = ['a', 'b'].map((letter) => letter.repeat(100_000)) as [string, string]
  const loadHistory = async (table: string) => (await readHistoryAs(home.services, await load(table), admin)).entries

  it('is stored as its beginning, length and digest, and is restored in full when its change is undone', async () => {
    await create('written', { comment: first })
    await setProperties('written', { comment: second })
    const [entry] = await loadHistory('written')
    expect(entry?.isUndoable).toBe(true)
    const [change] = entry?.changes ?? []
    expect(change).toMatchObject({ name: 'comment' })
    expect(change?.before).toMatch(/^a{200}… \(100,000 characters, SHA-256 [0-9a-f]{64}\)$/)
    expect(change?.after).toMatch(/^b{200}… \(100,000 characters, SHA-256 [0-9a-f]{64}\)$/)
    await undo(home.services, toIdentifier('written'), entry?.auditId ?? '', intentOptions())
    expect((await load('written')).metadata.properties.comment).toBe(first)
    const [undone] = await loadHistory('written')
    await undo(home.services, toIdentifier('written'), undone?.auditId ?? '', intentOptions())
    expect((await load('written')).metadata.properties.comment).toBe(second)
  })

  it('that was set for the first time is undone by removing it', async () => {
    await create('set-once')
    await setProperties('set-once', { comment: first })
    const [entry] = await loadHistory('set-once')
    await undo(home.services, toIdentifier('set-once'), entry?.auditId ?? '', intentOptions())
    expect((await load('set-once')).metadata.properties).not.toHaveProperty('comment')
  })

  it('is not undone when another change came since', async () => {
    await create('changed', { comment: first })
    await setProperties('changed', { comment: second })
    const [entry] = await loadHistory('changed')
    await setProperties('changed', { comment: second.replace('b', 'c') })
    expect((await loadHistory('changed')).find(({ auditId }) => auditId === entry?.auditId)?.isUndoable).toBe(false)
    await expect(
      undo(home.services, toIdentifier('changed'), entry?.auditId ?? '', intentOptions()),
    ).rejects.toMatchObject({
      code: 'commit-conflict',
    })
  })

  it('is not undone when its metadata file is gone, and the error says so', async () => {
    await create('forgotten', { comment: first })
    const { metadataLocation } = await load('forgotten')
    await setProperties('forgotten', { comment: second })
    const [entry] = await loadHistory('forgotten')
    rmSync(metadataLocation.replace(/^file:\/\//, ''))
    const error: unknown = await undo(
      home.services,
      toIdentifier('forgotten'),
      entry?.auditId ?? '',
      intentOptions(),
    ).catch((reason) => reason)
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('The earlier value of comment is too long for the history'),
    })
    expect((await load('forgotten')).metadata.properties.comment).toBe(second)
  })

  it.runIf(isOnPostgres())('of a namespace is refused on PostgreSQL, whose column is too short', async () => {
    const body = { namespace: ['noted'], properties: { comment: first } }
    expect((await callRest('POST', 'local/namespaces', { body })).status).toBe(400)
  })

  it.skipIf(isOnPostgres())(
    'of a namespace is stored in the same way (skipped on PostgreSQL, which refuses it)',
    async () => {
      await callRest('POST', 'local/namespaces', { body: { namespace: ['noted'], properties: { comment: first } } })
      await callRest('POST', 'local/namespaces/noted/properties', {
        body: { updates: { comment: second }, removals: [] },
      })
      const rows = await home.database.read(
        rawQuery<{ before: string | null; after: string }>(
          "SELECT before, after FROM audit WHERE namespace = 'noted' ORDER BY seq",
        ),
      )
      expect(rows).toHaveLength(2)
      for (const { after } of rows) expect(after).toContain('100,000 characters, SHA-256')
      expect(rows[1]?.before).toContain(`${'a'.repeat(200)}…`)
      expect(rows.every(({ before, after }) => (before?.length ?? 0) + after.length < 2000)).toBe(true)
    },
  )
})
