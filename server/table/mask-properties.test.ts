import type { TableChange } from '@/lib/iceberg/commit/table-update'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { maskProperties } from './mask-properties'
import { undo } from '@/testing/lifecycle/actions'

const home = createTestHome()

const SECRET = 'wJalrXUtnFEMI/K7MDENG'
const KEY = 's3.secret-access-key'
const HIDDEN = expect.stringMatching(/^hidden \([0-9a-f]{8}\)$/) as string
const signal = new AbortController().signal
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', required: false, type: 'long' as const }],
}

let admin: SignedInUser
let actor: Actor
let catalog: CatalogClient
let identifier: TableIdentifier
let tables = 0

beforeAll(async () => {
  admin = await signInAs(home.services, 'admin')
  actor = actorFor({ ...admin, role: 'admin' })
  catalog = await home.services.catalogs.open('local', actor)
  await catalog.write({ kind: 'create-namespace', namespace: ['shown'], properties: { token: SECRET, owner: 'ada' } })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: 'local', namespace: ['shown'], table: `t${tables}` }
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: SCHEMA,
    properties: { [KEY]: SECRET, owner: 'ada' },
  })
})

describe('A property that grants access', () => {
  it('is masked on the page of a table, of its namespace, and in its history', async () => {
    await setAsEngine('another secret')
    const [table, namespace, history] = await Promise.all([
      callEndpoint('getTable', identifier),
      callEndpoint('getNamespace', identifier),
      listHistory(),
    ])
    expect(table['properties']).toMatchObject({ [KEY]: HIDDEN, owner: 'ada' })
    expect(namespace['properties']).toMatchObject({ token: HIDDEN, owner: 'ada' })
    const responses = JSON.stringify([table, namespace, history])
    expect(responses).not.toContain(SECRET)
    expect(responses).not.toContain('another secret')
  })
  it('shows when it changes, and when it has the same value again', async () => {
    const first = await readShownValue()
    await setAsEngine('another secret')
    const second = await readShownValue()
    await setAsEngine(SECRET)
    expect(second).not.toBe(first)
    expect(await readShownValue()).toBe(first)
    expect(maskProperties(home.services.keys, { [KEY]: SECRET }, 'another table')[KEY]).not.toBe(first)
  })
  it('can be removed, and restored by undo', async () => {
    const base = await readShownValue()
    const intents = [{ kind: 'remove-property', key: KEY, base }]
    expect(await callEndpoint('reviewChanges', { ...identifier, intents })).toMatchObject({ conflicts: [] })
    const { auditId } = await callEndpoint('commitChanges', { ...identifier, intents })
    expect((await catalog.loadTable(identifier)).metadata.properties).not.toHaveProperty([KEY])
    await undo(home.services, identifier, String(auditId), { actor, signal, requestId: null })
    expect((await catalog.loadTable(identifier)).metadata.properties[KEY]).toBe(SECRET)
  })
  it('is not removed when it was changed since, and stays masked', async () => {
    const base = await readShownValue()
    await setAsEngine('another secret')
    const intents = [{ kind: 'remove-property', key: KEY, base }]
    const now = await readShownValue()
    const conflict = { base, current: now, requested: null }
    expect(await callEndpoint('reviewChanges', { ...identifier, intents })).toMatchObject({
      conflicts: [{ ...conflict, rebased: { kind: 'remove-property', key: KEY, base: now } }],
    })
    expect(await callEndpoint('commitChanges', { ...identifier, intents })).toMatchObject({
      code: 'commit-conflict',
      facts: { ...conflict, key: KEY },
    })
    expect((await catalog.loadTable(identifier)).metadata.properties[KEY]).toBe('another secret')
  })
  it('stays masked when its removal cannot be undone', async () => {
    const base = await readShownValue()
    const { auditId } = await callEndpoint('commitChanges', {
      ...identifier,
      intents: [{ kind: 'remove-property', key: KEY, base }],
    })
    await setAsEngine('another secret')
    const refusal: unknown = await undo(home.services, identifier, String(auditId), {
      actor,
      signal,
      requestId: null,
    }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({
      code: 'commit-conflict',
      facts: { current: await readShownValue(), requested: base },
    })
    expect(String(refusal)).not.toContain('another secret')
  })
  it.each(['reviewChanges', 'commitChanges'])('cannot be set by a person: %s', async (name) => {
    const intents = [{ kind: 'set-property', key: 'jdbc.password', value: 'x', base: null }]
    expect(await callEndpoint(name, { ...identifier, intents })).toMatchObject({ code: 'invalid-request' })
  })
})

async function readShownValue(): Promise<string | undefined> {
  const { properties } = await callEndpoint('getTable', identifier)
  return (properties as Record<string, string>)[KEY]
}

function listHistory() {
  return callEndpoint('listHistory', identifier)
}

function setAsEngine(value: string) {
  return catalog.write({
    kind: 'commit-table',
    table: identifier,
    change: (): TableChange => ({
      requirements: [],
      updates: [{ action: 'set-properties', updates: { [KEY]: value } }],
    }),
  })
}

/** The responses of the console's API, including problems. */
async function callEndpoint(
  name: string,
  { catalog, namespace, table, ...fields }: TableIdentifier & { intents?: object[] },
) {
  const endpoint = findEndpoint(name)
  const handler = await loadRouteHandler(home.services, endpoint)
  const headers = { cookie: admin.cookie, 'content-type': 'application/json' }
  const request =
    endpoint.method === 'GET'
      ? new Request('http://test/x', { headers })
      : new Request('http://test/x', { method: 'POST', headers, body: JSON.stringify(fields) })
  const params = { catalog, namespace: joinNamespace(namespace), table }
  const response = await handler(request, { params: Promise.resolve(params) })
  return (await response.json()) as Record<string, unknown>
}
