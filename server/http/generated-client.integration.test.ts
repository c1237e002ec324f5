import { createClient } from '@hey-api/openapi-ts'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { getApiDescription } from '@/lib/contract/description/api-description'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { createTestHome, signInAs } from '@/testing/homes/test-home'

/** A client that another program generates from the OpenAPI document, as users of the API do. */

type Call = (options: {
  path?: Record<string, string>
  query?: Record<string, string>
  body?: Record<string, unknown>
  headers?: Record<string, string>
}) => Promise<{ data?: unknown; error?: unknown; response: Response }>

const home = createTestHome()
const folder = path.resolve('.cache/generated-client')
let output = ''
let sdk: Record<string, Call>
let token = ''

/** Stands in for the server: matches the URL with the paths of the contract. */
async function fetchFromRoutes(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  for (const { endpoint } of ENDPOINTS) {
    if (endpoint.method !== request.method) continue
    const pattern = new RegExp(`^${endpoint.path.replaceAll('.', '\\.').replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`)
    const found = pattern.exec(pathname)
    if (!found) continue
    const params = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)])
    return (await loadRouteHandler(home.services, endpoint))(request, {
      params: Promise.resolve(Object.fromEntries(params)),
    })
  }
  throw new Error(`no endpoint at ${request.method} ${pathname}`)
}

beforeAll(async () => {
  token = await createRestTokenAs(home.services, 'editor')
  const description = await fetchFromRoutes(
    new Request(`http://lakeshore${getApiDescription.path}`, { headers: { authorization: `Bearer ${token}` } }),
  )
  if (!description.ok) throw new Error(`no document: ${description.status}`)
  mkdirSync(folder, { recursive: true })
  output = mkdtempSync(path.join(folder, 'client-'))
  await createClient({
    input: (await description.json()) as Record<string, unknown>,
    output,
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
    logs: { level: 'silent' },
  })
  sdk = (await import(pathToFileURL(path.join(output, 'sdk.gen.ts')).href)) as Record<string, Call>
  const { client } = (await import(pathToFileURL(path.join(output, 'client.gen.ts')).href)) as {
    client: { setConfig(config: object): void }
  }
  client.setConfig({ baseUrl: 'http://lakeshore', auth: () => token, fetch: fetchFromRoutes })
})
afterAll(() => rmSync(output, { recursive: true, force: true }))

/** An operation of the client, which has one for each endpoint. */
function operation(name: string): Call {
  const found = sdk[name]
  if (!found) throw new Error(`the client has no operation ${name}`)
  return found
}

it('A generated client has an operation for each endpoint', () => {
  for (const { name } of ENDPOINTS) expect(sdk, name).toHaveProperty(name)
})

it('A generated client reads with the rights of its token', async () => {
  expect(await operation('listCatalogs')({})).toMatchObject({ data: { catalogs: [{ name: 'local' }] } })
  expect(await operation('getSession')({})).toMatchObject({ data: { username: expect.any(String), role: 'editor' } })
  const { data } = await operation('listNamespaces')({ path: { catalog: 'local' } })
  expect(data).toMatchObject({ namespaces: [] })
})

it('A generated client receives problem details that it can act on', async () => {
  const { error, response } = await operation('getTable')({
    path: { catalog: 'local', namespace: 'a\x1Fb', table: 'nowhere' },
  })
  expect(response.status).toBe(404)
  expect(error).toMatchObject({ code: 'not-found', requestId: expect.any(String) })
})

it('A generated client is refused what its role does not allow, and what no token may do', async () => {
  expect((await operation('listConnections')({})).error).toMatchObject({ code: 'forbidden' })
  // The client sends no token where the document requires a session, so the test adds it.
  const headers = { authorization: `Bearer ${token}` }
  const bodies = {
    listTokens: undefined,
    createToken: { name: 'more', role: 'viewer', days: 1 },
    changePassword: { currentPassword: 'a good password', newPassword: 'a better password' },
    endSession: undefined,
  }
  for (const [name, body] of Object.entries(bodies)) {
    const { error } = await operation(name)({ headers, ...(body && { body }) })
    expect(error, name).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('A token cannot do this') })
  }
})

it('A generated client is refused at once when its token is revoked in a session', async () => {
  const [, tokenId = ''] = token.split('_')
  expect((await operation('listCatalogs')({})).response.status).toBe(200)
  const { cookie } = await signInAs(home.services, 'admin')
  expect((await operation('revokeToken')({ path: { tokenId }, headers: { cookie } })).response.status).toBe(200)
  expect((await operation('listCatalogs')({})).response.status).toBe(401)
})
