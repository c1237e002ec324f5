import { beforeAll, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { appendFiles } from '@/server/table/commit/append-files'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { createTestHome, signInAs, type SignedInUser } from '@/testing/homes/test-home'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'

/** Reviews say with status 200 what prevents an action: the state may have moved since their panel was opened. */

const home = createTestHome()
const signal = new AbortController().signal
const identifier: TableIdentifier = { catalog: 'local', namespace: ['demo'], table: 'moved' }
let catalog: CatalogClient
let editor: SignedInUser
let viewer: SignedInUser
let [first, second] = ['', '']

beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', TEST_ACTOR)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
    properties: {},
  })
  first = await append('a')
  second = await append('b')
  editor = await signInAs(home.services, 'editor')
  viewer = await signInAs(home.services, 'viewer')
})

const LIMITS = { type: 'tag' }
const INTENT = { kind: 'set-property', key: 'owner', value: 'bob', base: null }
const TARGET = { toCatalog: 'local', toNamespace: 'demo', toTable: 'copy' }

const prevented: [string, string, () => object, string, object?][] = [
  ['a ref that is there already', 'previewRefMove', () => ({ branch: 'main', snapshot: second }), 'invalid-request'],
  ['a move to a snapshot that expired', 'previewRefMove', () => ({ branch: 'main', snapshot: '404' }), 'not-found'],
  ['a move of a missing branch', 'previewRefMove', () => ({ branch: 'audit', snapshot: first }), 'not-found'],
  ['a move to a missing ref', 'previewRefMove', () => ({ branch: 'main', ref: 'audit' }), 'not-found'],
  ['a move to a time before the table', 'previewRefMove', () => ({ branch: 'main', at: '1' }), 'not-found'],
  ['the removal of a missing ref', 'previewRefDrop', () => ({ refName: 'audit' }), 'not-found'],
  ['the removal of main', 'previewRefDrop', () => ({ refName: 'main' }), 'invalid-request'],
  ['a tag on a snapshot that expired', 'previewRefRetention', () => ({ ...LIMITS, snapshotId: '404' }), 'not-found'],
  [
    'the retention of a missing ref',
    'previewRefRetention',
    () => ({ ...LIMITS, refName: 'audit', snapshotId: first }),
    'not-found',
  ],
  ['a pick that the branch has', 'reviewCherryPick', () => ({ snapshotId: first }), 'commit-conflict'],
  ['a pick of a snapshot that expired', 'reviewCherryPick', () => ({ snapshotId: '404' }), 'not-found'],
  ['a pick onto a missing branch', 'reviewCherryPick', () => ({ snapshotId: first, branch: 'audit' }), 'not-found'],
  ['the undo of another table', 'previewUndo', () => ({}), 'not-found', { auditId: 'a1' }],
  ['the undo of an expiry of another table', 'previewExpiryUndo', () => ({}), 'not-found', { auditId: 'a1' }],
  ['an expiry of a snapshot that expired', 'previewExpiry', () => ({ snapshotIds: ['404'] }), 'not-found'],
  ['an expiry of a snapshot that main names', 'previewExpiry', () => ({ snapshotIds: [second] }), 'invalid-request'],
  ['a deletion from a missing branch', 'reviewRowDeletion', () => ({ where: 'id = 1', branch: 'audit' }), 'not-found'],
  ['a deletion by a missing column', 'reviewRowDeletion', () => ({ where: 'gone = 1' }), 'invalid-request'],
  [
    'changes of a table that lost its name to another',
    'reviewChanges',
    () => ({ intents: [INTENT], tableUuid: 'other' }),
    'commit-conflict',
  ],
  ['a clone of a snapshot that expired', 'reviewClone', () => ({ ...TARGET, snapshot: '404' }), 'not-found'],
  ['a clone of a missing ref', 'reviewClone', () => ({ ...TARGET, ref: 'audit' }), 'not-found'],
]

it.each(prevented)('The review of %s says so with status 200: %s', async (_title, name, toFields, code, path) => {
  const response = await send(editor, name, toFields(), path)
  const body: unknown = await response.json()
  expect([response.status, body]).toEqual([
    200,
    { problem: { code, detail: expect.stringMatching(/\S/), facts: expect.any(Object) } },
  ])
})

it.each([...new Set(prevented.map(([, name]) => name))])('%s fails for a table that does not exist', async (name) => {
  const [, , toFields, , path] = prevented.find((one) => one[1] === name) ?? prevented[0]!
  expect((await send(editor, name, toFields(), { ...path, table: 'missing' })).status).toBe(404)
})

it('fails for a request that fits no table, and without the permission', async () => {
  const status = async (user: SignedInUser, name: string, fields: object) => (await send(user, name, fields)).status
  expect(await status(editor, 'previewRefMove', { branch: 'main', snapshot: 'first' })).toBe(400)
  expect(await status(editor, 'previewRefMove', { snapshot: first })).toBe(400)
  expect(await status(editor, 'reviewRowDeletion', { where: 'id = = 1' })).toBe(400)
  expect(await status(viewer, 'reviewClone', { ...TARGET, snapshot: first })).toBe(403)
})

async function send(user: SignedInUser, name: string, fields: object, path: object = {}): Promise<Response> {
  const endpoint = findEndpoint(name)
  const handler = await loadRouteHandler(home.services, endpoint)
  const isGet = endpoint.method === 'GET'
  const query = isGet ? `?${new URLSearchParams(fields as Record<string, string>)}` : ''
  const request = new Request(`http://test/x${query}`, {
    method: endpoint.method,
    headers: { cookie: user.cookie, 'content-type': 'application/json' },
    ...(!isGet && { body: JSON.stringify(fields) }),
  })
  const params = { catalog: 'local', namespace: 'demo', table: identifier.table, ...path }
  return handler(request, { params: Promise.resolve(params) })
}

async function append(name: string): Promise<string> {
  const { metadata } = await catalog.loadTable(identifier)
  const { snapshotId } = await appendFiles(home.services.log, {
    catalog,
    store: home.services.stores.catalogStore('local'),
    identifier,
    files: [sampleDataFile(`${metadata.location}/data/${name}.parquet`, { recordCount: 1 })],
    specId: 0,
    schemaId: 0,
    actor: TEST_ACTOR,
    signal,
  })
  return snapshotId
}
