import { beforeAll, expect, it } from 'vitest'
import type { Json, JsonObject } from '@/lib/iceberg/types'
import { type RestClient, restClientAs } from '@/scripts/rest-client'
import { makeTestHome } from '@/scripts/test-home'

const home = makeTestHome()

const SCHEMA = { type: 'struct', 'schema-id': 0, fields: [] }
const VERSION = {
  'version-id': 1,
  'timestamp-ms': 1_700_000_000_000,
  'schema-id': 0,
  summary: {},
  representations: [{ type: 'sql', sql: 'select 1', dialect: 'spark' }],
  'default-namespace': ['tables'],
}
/** U+FF46 is before U+1F600 by code point and in UTF-8, and behind it in UTF-16. */
const NAMES = ['a', 'é', '\uff46', '\uffee', '\u{1f600}', 'z']

let ask: RestClient

beforeAll(async () => {
  ask = await restClientAs(home.services, 'editor')
  const make = async (path: string, body: JsonObject) =>
    expect((await ask('POST', `local/namespaces${path}`, { body })).status).toBe(200)
  for (const namespace of ['tables', 'views', 'namespaces']) await make('', { namespace: [namespace] })
  for (const name of NAMES) {
    await make('/tables/tables', { name, schema: SCHEMA })
    await make('/views/views', { name, schema: SCHEMA, 'view-version': VERSION, properties: {} })
    await make('', { namespace: ['namespaces', name] })
  }
})

/** The last name of each that is listed. */
function namesIn({ identifiers, namespaces }: JsonObject): string[] {
  if (namespaces !== undefined) return (namespaces as string[][]).map((levels) => levels.at(-1) ?? '')
  return (identifiers as { name: string }[]).map(({ name }) => name)
}

const inOrder = (names: readonly string[]) => names.toSorted((a, b) => (a < b ? -1 : 1))

it.each([
  ['tables', 'local/namespaces/tables/tables?'],
  ['views', 'local/namespaces/views/views?'],
  ['namespaces', 'local/namespaces?parent=namespaces&'],
])('lists %s whole and each once, in pages of any size, whatever their letters', async (_what, path) => {
  expect(inOrder(namesIn((await ask('GET', path)).body))).toEqual(inOrder(NAMES))
  for (const size of [1, 2, 3, 5, 6, 7]) {
    const seen: string[] = []
    let token: Json = ''
    while (typeof token === 'string') {
      const { body } = await ask('GET', `${path}pageSize=${size}&pageToken=${token}`)
      seen.push(...namesIn(body))
      token = body['next-page-token'] ?? null
    }
    expect(inOrder(seen), `pages of ${size}`).toEqual(inOrder(NAMES))
  }
})
