import { beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { joinNamespace } from '@/lib/names/identifiers'
import { createRestClient, type RestClient } from '@/testing/catalogs/rest-client'
import { SCHEMA, sendOperation, VERSION } from '@/testing/catalogs/sample-operation'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { issueToken } from '@/server/auth/tokens/tokens'
import { putGrantChanges } from '@/server/db/auth/grants'
import { findUser } from '@/server/db/auth/users'
import { OPERATIONS } from './operations'

/**
 * Names that are too large are a bad request even with a token without permissions: they are refused before the
 * permission check.
 */

const home = createTestHome()
const LEVELS = Array.from({ length: 60_000 }, () => 'a')
const LONG = 'x'.repeat(256)
const REFUSED = {
  status: 400,
  body: {
    error: { message: expect.stringMatching(/ has at most \d+ (levels|characters)|, but the limit is [\d,]+\./) },
  },
}

let engine: RestClient

beforeAll(async () => {
  const { userId } = await signInAs(home.services, null)
  const owner = await findUser(home.database, userId)
  if (!owner) throw new Error('the new user does not exist')
  const holder = { kind: 'user', id: userId } as const
  const on = { catalog: 'local', namespace: ['nowhere'] }
  await home.database.commit(
    putGrantChanges({ grantId: 'g', holder, role: 'viewer', resource: on, createdBy: 'a test' }),
  )
  const form = { owner, name: 'spark', role: 'viewer', days: 1 } as const
  const { text } = await issueToken(home.database, form, { actor: owner, requestId: null })
  engine = createRestClient(home.services, text)
})

const operations = Object.values(OPERATIONS)
const namesIn = (name: string) => operations.filter(({ path }) => path.includes(`{${name}}`))

describe('A request with a namespace of 60,000 levels', () => {
  it.each([
    ...namesIn('namespace'),
    OPERATIONS.createNamespace,
    OPERATIONS.renameTable,
    OPERATIONS.renameView,
    OPERATIONS.commitTransaction,
  ])('is refused: $id', async (operation) => {
    const reply = await sendOperation(engine, operation, { namespace: joinNamespace(LEVELS), table: 't' })
    expect(reply).toMatchObject(operation.method === 'HEAD' ? { status: 400 } : REFUSED)
  })

  it('is refused as the parent of a list', async () => {
    const query = new URLSearchParams({ parent: joinNamespace(LEVELS) })
    expect(await engine('GET', `local/namespaces?${query}`)).toMatchObject(REFUSED)
  })

  it('is refused as the destination of a rename, and in any of the tables of a transaction', async () => {
    const [small, large] = [['nowhere'], LEVELS].map((namespace) => ({ namespace, name: 't' }))
    for (const kind of ['tables', 'views'])
      expect(
        await engine('POST', `local/${kind}/rename`, { body: { source: small, destination: large } as JsonObject }),
      ).toMatchObject(REFUSED)
    const changes = [small, large].map((identifier) => ({ identifier, requirements: [], updates: [] }))
    expect(
      await engine('POST', 'local/transactions/commit', { body: { 'table-changes': changes } as JsonObject }),
    ).toMatchObject(REFUSED)
  })
})

describe('A request with a name of 256 characters', () => {
  it.each([
    ...namesIn('table'),
    ...namesIn('view'),
    OPERATIONS.renameTable,
    OPERATIONS.renameView,
    OPERATIONS.commitTransaction,
  ])('is refused: $id of such a table or view', async (operation) => {
    expect((await sendOperation(engine, operation, { namespace: 'nowhere', table: LONG })).status).toBe(400)
  })

  it.each([...namesIn('namespace'), OPERATIONS.createNamespace])(
    'is refused: $id in a namespace with such a level',
    async (operation) => {
      expect((await sendOperation(engine, operation, { namespace: `a\x1f${LONG}`, table: 't' })).status).toBe(400)
    },
  )

  it.each(namesIn('prefix'))('is refused: $id in such a catalog', async (operation) => {
    const target = { catalog: LONG, namespace: 'nowhere', table: 't' }
    expect((await sendOperation(engine, operation, target)).status).toBe(400)
  })
})

describe('What is created', () => {
  const asEditor = async () => {
    const { userId } = await signInAs(home.services, 'editor')
    const owner = await findUser(home.database, userId)
    if (!owner) throw new Error('the new user does not exist')
    const form = { owner, name: 'spark', role: 'editor', days: 1 } as const
    return createRestClient(
      home.services,
      (await issueToken(home.database, form, { actor: owner, requestId: null })).text,
    )
  }

  it('has no name of more than 255 characters, and a view no default namespace of more than 100 levels', async () => {
    const editor = await asEditor()
    await editor('POST', 'local/namespaces', { body: { namespace: ['ours'] } })
    const view = (levels: readonly string[]) => ({
      name: 'v',
      schema: SCHEMA,
      'view-version': { ...VERSION, 'default-namespace': [...levels] },
      properties: {},
    })
    const metadataLocation = { 'metadata-location': `${home.config.warehouse}/ours/t/metadata/m.json` }
    for (const [path, body] of [
      ['tables', { name: LONG, schema: SCHEMA }],
      ['tables', { name: LONG, schema: SCHEMA, 'stage-create': true }],
      ['register', { name: LONG, ...metadataLocation }],
      ['register-view', { name: LONG, ...metadataLocation }],
      ['views', { ...view([]), name: LONG }],
      ['views', view(LEVELS)],
    ] as const)
      expect([path, await editor('POST', `local/namespaces/ours/${path}`, { body })]).toMatchObject([path, REFUSED])
    expect(await editor('POST', 'local/namespaces/ours/views', { body: view(LEVELS.slice(0, 100)) })).toMatchObject({
      status: 200,
    })
  })
})
