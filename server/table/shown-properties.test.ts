import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { joinNamespace, type TableRef } from '@/lib/iceberg/identifiers'
import { endpointNamed } from '@/scripts/contract-endpoints'
import { routeHandler } from '@/scripts/route-handler'
import { makeTestHome, type SignedIn, signInAs } from '@/scripts/test-home'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { shownProperties } from './shown-properties'
import { undo } from './undo'

const home = makeTestHome()

const SECRET = 'wJalrXUtnFEMI/K7MDENG'
const KEY = 's3.secret-access-key'
const HIDDEN = expect.stringMatching(/^hidden \([0-9a-f]{8}\)$/) as string
const signal = new AbortController().signal
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', required: false, type: 'long' as const }],
}

let admin: SignedIn
let actor: Actor
let catalog: CatalogClient
let ref: TableRef
let tables = 0

beforeAll(async () => {
  admin = await signInAs(home.services, 'admin')
  actor = actorFor({ ...admin, role: 'admin' })
  catalog = await home.services.catalogs.open('local', actor)
  await catalog.createNamespace(['shown'], { token: SECRET, owner: 'ada' })
})
beforeEach(async () => {
  tables += 1
  ref = { catalog: 'local', namespace: ['shown'], table: `t${tables}` }
  await catalog.createTable(ref, { schema: SCHEMA, properties: { [KEY]: SECRET, owner: 'ada' } })
})

describe('What gives access by its value', () => {
  it('is not told by the page of a table, of its namespace, or its history', async () => {
    await engineSets('another secret')
    const [table, namespace, history] = await Promise.all([ask('getTable', ref), ask('getNamespace', ref), past()])
    expect(table['properties']).toMatchObject({ [KEY]: HIDDEN, owner: 'ada' })
    expect(namespace['properties']).toMatchObject({ token: HIDDEN, owner: 'ada' })
    const told = JSON.stringify([table, namespace, history])
    expect(told).not.toContain(SECRET)
    expect(told).not.toContain('another secret')
  })
  it('is seen to change, and seen to be the same again', async () => {
    const first = await shown()
    await engineSets('another secret')
    const second = await shown()
    await engineSets(SECRET)
    expect(second).not.toBe(first)
    expect(await shown()).toBe(first)
    expect(shownProperties(home.services.keys, { [KEY]: SECRET }, 'another table')[KEY]).not.toBe(first)
  })
  it('goes when it is removed, and comes back with undo', async () => {
    const base = await shown()
    const intents = [{ kind: 'remove-property', key: KEY, base }]
    expect(await ask('reviewChanges', { ...ref, intents })).toMatchObject({ conflicts: [] })
    const { auditId } = await ask('commitChanges', { ...ref, intents })
    expect((await catalog.loadTable(ref)).metadata.properties).not.toHaveProperty([KEY])
    await undo(home.services, ref, String(auditId), { actor, signal, requestId: null })
    expect((await catalog.loadTable(ref)).metadata.properties[KEY]).toBe(SECRET)
  })
  it('is not removed where it was changed since, and stays untold', async () => {
    const base = await shown()
    await engineSets('another secret')
    const intents = [{ kind: 'remove-property', key: KEY, base }]
    const conflict = { key: KEY, base, now: await shown(), wanted: null }
    expect(await ask('reviewChanges', { ...ref, intents })).toMatchObject({ conflicts: [conflict] })
    expect(await ask('commitChanges', { ...ref, intents })).toMatchObject({
      code: 'commit-conflict',
      facts: conflict,
    })
    expect((await catalog.loadTable(ref)).metadata.properties[KEY]).toBe('another secret')
  })
  it('stays untold when what took it away cannot be taken back', async () => {
    const base = await shown()
    const { auditId } = await ask('commitChanges', { ...ref, intents: [{ kind: 'remove-property', key: KEY, base }] })
    await engineSets('another secret')
    const refused: unknown = await undo(home.services, ref, String(auditId), { actor, signal, requestId: null }).catch(
      (error: unknown) => error,
    )
    expect(refused).toMatchObject({ code: 'commit-conflict', facts: { now: await shown(), wanted: base } })
    expect(String(refused)).not.toContain('another secret')
  })
  it.each(['reviewChanges', 'commitChanges'])('is not set by a person: %s', async (name) => {
    const intents = [{ kind: 'set-property', key: 'jdbc.password', value: 'x', base: null }]
    expect(await ask(name, { ...ref, intents })).toMatchObject({ code: 'invalid-request' })
  })
})

async function shown(): Promise<string | undefined> {
  const { properties } = await ask('getTable', ref)
  return (properties as Record<string, string>)[KEY]
}

function past() {
  return ask('listHistory', ref)
}

function engineSets(value: string) {
  return catalog.commitTable(ref, () => ({
    requirements: [],
    updates: [{ action: 'set-properties', updates: { [KEY]: value } }],
  }))
}

/** What the console's own API answers, of problems too. */
async function ask(name: string, { catalog, namespace, table, ...fields }: TableRef & { intents?: object[] }) {
  const endpoint = endpointNamed(name)
  const handler = await routeHandler(home.services, endpoint)
  const headers = { cookie: admin.cookie, 'content-type': 'application/json' }
  const request =
    endpoint.method === 'GET'
      ? new Request('http://test/x', { headers })
      : new Request('http://test/x', { method: 'POST', headers, body: JSON.stringify(fields) })
  const params = { catalog, namespace: joinNamespace(namespace), table }
  const answer = await handler(request, { params: Promise.resolve(params) })
  return (await answer.json()) as Record<string, unknown>
}
