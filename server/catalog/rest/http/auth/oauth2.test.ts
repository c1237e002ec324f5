import { afterEach, beforeEach, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import {
  errorReply,
  restSettings,
  createTestRestCatalog,
  RestCatalogStandIn,
} from '@/testing/catalogs/rest-catalog-stand-in'
import { useTestClock } from '@/testing/clock'
import type { RestAuth } from '../settings'

const OAUTH2 = {
  kind: 'oauth2',
  tokenUri: null,
  clientId: 'lakeshore',
  clientSecret: 'a:b&c',
  scope: 'PRINCIPAL_ROLE:ALL',
  audience: null,
  resource: null,
} as const satisfies RestAuth

const TOKEN = 'POST /v1/oauth/tokens'
const token = (word: string, seconds?: number) => ({
  body: { access_token: word, token_type: 'bearer', ...(seconds !== undefined && { expires_in: seconds }) },
})

let catalog: RestCatalogStandIn
let nowMs = 1_700_000_000_000

beforeEach(async () => {
  useTestClock().skipPauses()
  catalog = await RestCatalogStandIn.start()
  catalog.on('GET /v1/namespaces', { body: { namespaces: [] } })
})
afterEach(() => catalog.stop())

function openCatalog(auth: RestAuth = OAUTH2) {
  return createTestRestCatalog(catalog.uri, { settings: restSettings(catalog.uri, { auth }), nowMs: () => nowMs })
}

const tokenRequests = () => catalog.received.filter(({ path }) => path === '/v1/oauth/tokens')
const bearers = () =>
  catalog.received.filter(({ path }) => path === '/v1/namespaces').map(({ headers }) => headers.get('authorization'))

it('A connection sends no credentials, its token or its password', async () => {
  for (const auth of [
    { kind: 'none' },
    { kind: 'bearer', token: 't1' },
    { kind: 'basic', username: 'Aladdin', password: 'open sesame' },
  ] as const) {
    await openCatalog(auth).listNamespaces(null)
  }
  // The last one is the example in RFC 7617, section 2.
  expect(bearers()).toEqual([null, 'Bearer t1', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='])
})

it('A token is requested with the client credentials as a form, and without a token', async () => {
  catalog.on(TOKEN, token('t1', 3600))
  await openCatalog().listNamespaces(null)
  const [tokenRequest] = tokenRequests()
  expect(tokenRequest?.headers.get('authorization')).toBe(null)
  expect(tokenRequest?.headers.get('content-type')).toBe('application/x-www-form-urlencoded')
  expect(tokenRequest?.body).toBe(
    'grant_type=client_credentials&client_id=lakeshore&client_secret=a%3Ab%26c&scope=PRINCIPAL_ROLE%3AALL',
  )
  expect(bearers()).toEqual(['Bearer t1'])
})

it('The connection’s own token server is used, whatever the catalog says', async () => {
  const idp = await RestCatalogStandIn.start()
  idp.on('POST /realms/lake/token', token('t1'))
  catalog.on('GET /v1/config', {
    body: { defaults: {}, overrides: { 'oauth2-server-uri': `${catalog.uri}/elsewhere` } },
  })
  await openCatalog({
    ...OAUTH2,
    tokenUri: `${idp.uri}/realms/lake/token`,
    audience: 'lake',
    resource: 'r',
  }).listNamespaces(null)
  expect(new URLSearchParams(idp.lastRequest().body).get('audience')).toBe('lake')
  expect(tokenRequests()).toEqual([])
  await idp.stop()
})

it('Concurrent requests share one token, until shortly before it expires', async () => {
  catalog.on(TOKEN, [token('t1', 3600), token('t2', 3600)])
  const remote = openCatalog()
  await Promise.all(Array.from({ length: 8 }, () => remote.listNamespaces(null)))
  expect(tokenRequests()).toHaveLength(1)
  nowMs += 3_530_000
  await remote.listNamespaces(null)
  expect(tokenRequests()).toHaveLength(1)
  nowMs += 20_000
  await remote.listNamespaces(null)
  expect(bearers().at(-1)).toBe('Bearer t2')
})

it.each([401, 419])('A token that is refused with %i is replaced once, by a single request', async (status) => {
  catalog.on(TOKEN, [token('old'), token('new')])
  catalog.on('GET /v1/namespaces', ({ headers }) =>
    headers.get('authorization') === 'Bearer new' ? { body: { namespaces: [['a']] } } : errorReply(status, 'Expired'),
  )
  const remote = openCatalog()
  await remote.abilities()
  const lists = await Promise.all(Array.from({ length: 5 }, () => remote.listNamespaces(null)))
  expect(lists).toEqual(Array.from({ length: 5 }, () => [['a']]))
  expect(tokenRequests()).toHaveLength(2)
})

it('A catalog that refuses the new token too gets no further attempts', async () => {
  catalog.on(TOKEN, token('t')).on('GET /v1/namespaces', errorReply(401, 'NotAuthorizedException'))
  await expect(openCatalog().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-refused' })
  expect(bearers()).toHaveLength(2)
})

it.each([
  [{ status: 400, body: { error: 'invalid_client', error_description: 'secret a:b&c is wrong' } }, 'catalog-refused'],
  [{ status: 401, body: '<html>' }, 'catalog-refused'],
  [{ status: 500 }, 'catalog-unavailable'],
  [{ status: 200, body: { token: 'x' } }, 'catalog-unavailable'],
  [{ status: 302, headers: { location: 'http://localhost:1/' } }, 'catalog-unavailable'],
  [{ cut: 'before' }, 'catalog-unavailable'],
] as const)('A token server that answers %j is reported without a secret', async (reply, code) => {
  catalog.on(TOKEN, reply)
  const error: unknown = await openCatalog()
    .listNamespaces(null)
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(AppError)
  expect(error).toMatchObject({ code })
  expect(JSON.stringify([String(error), (error as AppError).facts])).not.toContain('a:b')
})

it('A token server that asks for too long a wait is reported at once', async () => {
  catalog.on(TOKEN, { status: 503, headers: { 'retry-after': '20' } })
  await expect(openCatalog().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  expect(tokenRequests()).toHaveLength(1)
})

it('A caller that aborts while a token is fetched does not cancel it for the others', async () => {
  catalog.on(TOKEN, { ...token('t1', 3600), afterMs: 100 })
  const remote = openCatalog()
  const leavingClient = new AbortController()
  const leaving = remote.listNamespaces(null, { signal: leavingClient.signal })
  const staying = remote.listNamespaces(null)
  leavingClient.abort(new Error('gone'))
  await expect(leaving).rejects.toThrow('gone')
  expect(await staying).toEqual([])
})
