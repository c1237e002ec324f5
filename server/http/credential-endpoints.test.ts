import { beforeAll, describe, expect, it } from 'vitest'
import { ENDPOINTS, type Tag } from '@/lib/contract/endpoints'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { sampleInput } from '@/testing/contract/sample-input'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'

/** A token must not reach the credentials of its owner: it could extend its own life, or end that of others. */

const CREDENTIAL_TAGS: readonly Tag[] = ['connections', 'tokens', 'session']
const CREDENTIAL_PATH = /token|credential|password|session|user|secret|key/i

/** Endpoints of these nouns that a token may call, with the reason. */
const OPEN_TO_TOKENS: Readonly<Record<string, string>> = {
  getSession: 'It says only which user and role the token acts for.',
  listOwnCredentials: 'It returns which catalogs accept credentials, never the credentials.',
  listConnections: 'It needs the role of an admin, and returns the names of secrets, never the secrets.',
  getConnection: 'It needs the role of an admin, and returns the names of secrets, never the secrets.',
  addConnection: 'Programs of admins set up connections. No credential of a user is involved.',
  changeConnection: 'Programs of admins set up connections. No credential of a user is involved.',
  removeConnection: 'Programs of admins set up connections. No credential of a user is involved.',
  testConnection: 'It needs the role of an admin, and stores the result of the test only.',
  testConnectionForm: 'It needs the role of an admin, and stores nothing.',
  listUsers: 'It needs the role of an admin, and returns no credentials.',
  getUser: 'It needs the role of an admin, and returns no credentials.',
  removeUser: 'Programs of admins remove users who have left. It ends credentials and gives none.',
  getEffectiveAccess: 'It needs the role of an admin, and changes nothing.',
  checkPermission: 'It needs the role of an admin, and changes nothing.',
  addGroupMember: 'Programs of admins keep groups as a directory has them. No credential is involved.',
  removeGroupMember: 'Programs of admins keep groups as a directory has them. No credential is involved.',
  listPlannedFiles: 'The token in its path is that of a plan, and the permission to read the table is checked again.',
  listDifferingFiles: 'The token in its path is that of a plan, and the permission to read the table is checked again.',
  getNullShares: 'The token in its path is that of a plan, and the permission to read the table is checked again.',
  readDeleteFileBytes:
    'The token in its path is that of a plan, and the permission to read the table is checked again.',
  readFileBytes: 'The token in its path is that of a plan, and the permission to read the table is checked again.',
}

const endpoints = ENDPOINTS.filter(
  ({ tag, endpoint }) => CREDENTIAL_TAGS.includes(tag) || CREDENTIAL_PATH.test(endpoint.path),
)

const home = createTestHome()
const tokens: string[] = []
beforeAll(async () => {
  for (const role of ['viewer', 'admin'] as const) tokens.push(await createRestTokenAs(home.services, role))
})

const open = endpoints.filter(({ name }) => OPEN_TO_TOKENS[name] !== undefined)
const closed = endpoints.filter(({ name }) => OPEN_TO_TOKENS[name] === undefined)

describe.each(closed)('$name, which manages credentials,', ({ endpoint }) => {
  it('needs a session', () => {
    expect(endpoint.permission).toBe('browser-session')
  })

  it('refuses every token, also with the cookie of an admin', async () => {
    const handler = await loadRouteHandler(home.services, endpoint)
    const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT'
    const fields = sampleInput(endpoint.input)
    const params = Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, String(value)]))
    const { cookie } = await signInAs(home.services, 'admin')
    for (const token of tokens) {
      const request = new Request('http://test/x', {
        method: endpoint.method,
        headers: { cookie, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(hasBody && { body: JSON.stringify(fields) }),
      })
      const response = await handler(request, { params: Promise.resolve(params) })
      expect(response.status).toBe(403)
    }
  })
})

it.each(open)('$name is open to tokens for the reason given here', ({ endpoint }) => {
  expect(endpoint.permission).not.toBe('browser-session')
})

it('Each reason is for an endpoint that exists', () => {
  expect(Object.keys(OPEN_TO_TOKENS).filter((name) => !endpoints.some((one) => one.name === name))).toEqual([])
})
