import { beforeAll, expect, it } from 'vitest'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'

const home = createTestHome()

const SCHEMA = { type: 'struct', 'schema-id': 0, fields: [] }
const VERSION = {
  'version-id': 1,
  'timestamp-ms': 1_700_000_000_000,
  'schema-id': 0,
  summary: {},
  representations: [{ type: 'sql', sql: 'select 1', dialect: 'spark' }],
  'default-namespace': ['tables'],
}
/** U+FF46 sorts before U+1F600 by code point and in UTF-8, but after it in UTF-16. */
const NAMES = ['a', 'é', '\uff46', '\uffee', '\u{1f600}', 'z']

let callRest: RestClient

beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'editor')
  const make = async (path: string, body: JsonObject) =>
    expect((await callRest('POST', `local/namespaces${path}`, { body })).status).toBe(200)
  for (const namespace of ['tables', 'views', 'namespaces']) await make('', { namespace: [namespace] })
  for (const name of NAMES) {
    await make('/tables/tables', { name, schema: SCHEMA })
    await make('/views/views', { name, schema: SCHEMA, 'view-version': VERSION, properties: {} })
    await make('', { namespace: ['namespaces', name] })
  }
})

/** The last level of each listed name. */
function namesIn({ identifiers, namespaces }: JsonObject): string[] {
  if (namespaces !== undefined) return (namespaces as string[][]).map((levels) => levels.at(-1) ?? '')
  return (identifiers as { name: string }[]).map(({ name }) => name)
}

/** Names that are adjacent in sort order, with others between a namespace and its children. */
const NEIGHBOURS = [
  'ns',
  'ns-x',
  'ns.a',
  'ns.a.b',
  'ns.b',
  'ns!',
  'ns/x',
  'ns0',
  'ns0.deep',
  'n',
  'deep.only',
  'deep-x',
  'deep',
  'z.a',
  'z-a.b',
]

const inOrder = (names: readonly string[]) => names.toSorted((a, b) => (a < b ? -1 : 1))

it.each([
  ['tables', 'local/namespaces/tables/tables?'],
  ['views', 'local/namespaces/views/views?'],
  ['namespaces', 'local/namespaces?parent=namespaces&'],
])('lists all %s once, in pages of any size, with any characters', async (_what, path) => {
  expect(inOrder(namesIn((await callRest('GET', path)).body))).toEqual(inOrder(NAMES))
  for (const size of [1, 2, 3, 5, 6, 7]) {
    const seen: string[] = []
    let token: Json = ''
    while (typeof token === 'string') {
      const { body } = await callRest('GET', `${path}pageSize=${size}&pageToken=${token}`)
      seen.push(...namesIn(body))
      token = body['next-page-token'] ?? null
    }
    expect(inOrder(seen), `pages of ${size}`).toEqual(inOrder(NAMES))
  }
})

it('lists each namespace once when others sort between it and its children', async () => {
  expect((await callRest('POST', 'local/namespaces', { body: { namespace: ['tree'] } })).status).toBe(200)
  for (const name of NEIGHBOURS) {
    const namespace = ['tree', ...name.split('.')]
    const { status } = await callRest('POST', 'local/namespaces', { body: { namespace } })
    expect([200, 409], name).toContain(status)
  }
  for (const parent of ['tree', 'tree\u001fns', 'tree\u001fdeep', 'tree\u001fz-a']) {
    const path = `local/namespaces?parent=${encodeURIComponent(parent)}`
    const all = inOrder(namesIn((await callRest('GET', path)).body))
    expect(all.length).toBeGreaterThan(0)
    for (const size of [1, 2, 3, 4, 100]) {
      const seen: string[] = []
      let token: Json = ''
      while (typeof token === 'string') {
        const { body } = await callRest('GET', `${path}&pageSize=${size}&pageToken=${token}`)
        seen.push(...namesIn(body))
        token = body['next-page-token'] ?? null
      }
      expect(inOrder(seen), `${parent} in pages of ${size}`).toEqual(all)
    }
  }
})

it.each([
  ['99999999999', 200],
  ['007', 200],
  ['0', 400],
  ['-1', 400],
  ['1.5', 400],
  ['', 400],
])('answers a page size of %j with %i', async (size, status) => {
  const answer = await callRest('GET', `local/namespaces?parent=tables&pageSize=${size}&pageToken=`)
  expect(answer.status).toBe(status)
})

it('refuses a token of another list', async () => {
  const { body } = await callRest('GET', 'local/namespaces?parent=namespaces&pageSize=1&pageToken=')
  const token = body['next-page-token']
  if (typeof token !== 'string') throw new Error('there is no second page')
  expect((await callRest('GET', `local/namespaces?parent=tables&pageSize=1&pageToken=${token}`)).status).toBe(400)
})
