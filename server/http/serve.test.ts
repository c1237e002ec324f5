import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { call } from '@/lib/api/call'
import { endpoint } from '@/lib/contract/endpoint'
import { BUILD_HEADER } from '@/lib/contract/shapes/plain-values'
import { problem } from '@/lib/contract/shapes/problem'
import { longId, tableInput } from '@/lib/contract/shapes/wire'
import { AppError } from '@/lib/errors'
import { signInAs, createTestHome } from '@/testing/homes/test-home'
import type { RouteContext, ServedEndpoint } from './handle-request'
import { serve } from './serve'

const PATH = '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table'
const readThing = endpoint({
  summary: 'Proves a rule',
  method: 'GET',
  path: `${PATH}/thing`,
  permission: 'table:read',
  input: tableInput.extend({ like: z.string().optional() }),
  output: z.object({ id: longId }),
})
const changeThing = endpoint({
  summary: 'Proves a rule',
  method: 'POST',
  path: `${PATH}/change`,
  permission: 'table:write',
  input: tableInput.extend({ to: z.string() }),
  output: z.object({}),
})
const identifier = { catalog: 'prod', namespace: ['a.b', 'c/d'], table: '100% events' }
const params = { catalog: 'prod', namespace: 'a', table: 't' }

const home = createTestHome()
const cookies = { viewer: '', editor: '' }
beforeAll(async () => {
  cookies.viewer = (await signInAs(home.services, 'viewer')).cookie
  cookies.editor = (await signInAs(home.services, 'editor')).cookie
})
afterEach(() => vi.unstubAllGlobals())

describe('with the browser client', () => {
  it('passes dots, slashes, percent signs and 64-bit ids through client and route unchanged', async () => {
    let seen: unknown
    join(
      readThing.path,
      serve(home.services, readThing, async (input) => {
        seen = input
        return { id: '3051729675574597004' }
      }),
    )
    expect(await call(readThing, identifier)).toEqual({ id: '3051729675574597004' })
    expect(seen).toEqual(identifier)
  })

  it('names the build that validated the output, for the pages of the same build', async () => {
    const served = serve({ ...home.services, buildId: 'one' }, readThing, async () => ({ id: '1' }))
    const request = new Request('http://test/thing', { headers: { cookie: cookies.viewer } })
    const response = await served.handle(request, { params: Promise.resolve({ ...params }) })
    expect(response.headers.get(BUILD_HEADER)).toBe('one')
  })

  it('refuses a user without the permission of the endpoint', async () => {
    join(
      changeThing.path,
      serve(home.services, changeThing, async () => ({})),
    )
    await expect(call(changeThing, { ...identifier, to: 'x' })).rejects.toMatchObject({
      name: 'AppError',
      code: 'forbidden',
    })
  })

  it('returns a failure with its code, message, facts and request id', async () => {
    const failure = new AppError('commit-conflict', 'branch main moved', {
      facts: { now: '12', requested: null, attempts: 3 },
    })
    join(
      readThing.path,
      serve(home.services, readThing, async () => Promise.reject(failure)),
    )
    await expect(call(readThing, identifier)).rejects.toMatchObject({
      code: 'commit-conflict',
      message: 'branch main moved',
      facts: { now: '12', requested: null, attempts: 3 },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('refuses an input that the contract refuses before sending it, and names the field', async () => {
    const fetched = vi.fn()
    vi.stubGlobal('fetch', fetched)
    await expect(call(readThing, { ...identifier, table: '' })).rejects.toMatchObject({
      name: 'AppError',
      code: 'invalid-request',
      message: expect.stringContaining('table'),
    })
    expect(fetched).not.toHaveBeenCalled()
  })

  it('says that the server does not answer', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    await expect(call(readThing, identifier)).rejects.toMatchObject({ code: 'server-unreachable' })
  })

  it('says that a call was cancelled', async () => {
    const stop = AbortSignal.abort()
    vi.stubGlobal('fetch', () => Promise.reject(stop.reason))
    await expect(call(readThing, identifier, { signal: stop })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it.each([
    ['not JSON', new Response('<html>', { status: 502 })],
    ['not of the contract', Response.json({ id: 12 })],
  ])('rejects a response that is %s', async (_what, response) => {
    vi.stubGlobal('fetch', () => Promise.resolve(response))
    await expect(call(readThing, identifier)).rejects.toMatchObject({ code: 'internal' })
  })
})

describe('a request', () => {
  it('is refused without a session', async () => {
    const response = await callEndpoint(readThing, { cookie: '' })
    expect([response.status, await readCode(response)]).toEqual([401, 'unauthenticated'])
  })

  it.each([
    ['nothing', {}, 'A session or an access token is required', 'Bearer realm="lakeshore"'],
    [
      'a password',
      { authorization: 'Basic YTpi' },
      'A session or an access token is required',
      'Bearer realm="lakeshore"',
    ],
    [
      'a cookie that is not valid',
      { cookie: 'lakeshore-session=x' },
      'Your session has ended',
      'Bearer realm="lakeshore"',
    ],
    [
      'a wrong token',
      { authorization: 'Bearer x' },
      'A valid bearer token is required',
      'Bearer realm="lakeshore", error="invalid_token"',
    ],
  ])(
    'that identifies its client by %s is answered with what is required',
    async (_what, headers, detail, challenge) => {
      const response = await serve(home.services, readThing, async () => ({ id: '1' })).handle(
        new Request('http://test/x', { headers }),
        routeContext(params),
      )
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe(challenge)
      expect(problem.parse(await response.json()).detail).toContain(detail)
    },
  )

  it('cannot name another table in its query than in its path', async () => {
    const seen: unknown[] = []
    const { handle } = serve(home.services, readThing, async (input) => {
      seen.push(input.table)
      return { id: '1' }
    })
    await handle(
      new Request('http://test/x?table=other', { headers: { cookie: cookies.viewer } }),
      routeContext(params),
    )
    expect(seen).toEqual(['t'])
  })

  it('cannot name another table in its body than in its path', async () => {
    const seen: unknown[] = []
    const { handle } = serve(home.services, changeThing, async (input) => {
      seen.push(input.table)
      return {}
    })
    await handle(postRequest({ to: 'x', table: 'other' }), routeContext(params))
    expect(seen).toEqual(['t'])
  })

  it('names the invalid field', async () => {
    const response = await callEndpoint(readThing, { params: { ...params, catalog: '' } })
    expect(response.status).toBe(400)
    expect(problem.parse(await response.json()).detail).toBe(
      'The field `catalog` must be text that is not empty, not "".',
    )
  })

  it.each([
    [{}, 'The field `to` is missing: it must be text. Nothing was changed.'],
    [{ to: 7 }, 'The field `to` must be text, not 7. Nothing was changed.'],
  ])('with the body %j gets a sentence about what is wrong, and a fact for each field', async (body, detail) => {
    const request = postRequest(body)
    request.headers.set('cookie', cookies.editor)
    const { handle } = serve(home.services, changeThing, async () => ({}))
    const answered = problem.parse(await (await handle(request, routeContext(params))).json())
    expect(answered.detail).toBe(detail)
    expect(answered.facts).toMatchObject({ to: expect.stringContaining('must be text'), issueCount: 1 })
  })

  it('with an unknown field in its body is refused, and names the field', async () => {
    const request = postRequest({ to: 'x', snapshotId: '12' })
    request.headers.set('cookie', cookies.editor)
    const { handle } = serve(home.services, changeThing, async () => Promise.reject(new Error('it was handled')))
    const response = await handle(request, routeContext(params))
    expect(response.status).toBe(400)
    expect(problem.parse(await response.json())).toMatchObject({
      detail: 'The field `snapshotId` is unknown. Nothing was changed.',
      facts: { snapshotId: 'is unknown', issueCount: 1 },
    })
  })

  it('with a query field that the endpoint does not know is refused, and names the field', async () => {
    const { handle } = serve(home.services, readThing, async () => Promise.reject(new Error('it was handled')))
    const request = new Request('http://test/x?colums=1', { headers: { cookie: cookies.viewer } })
    const response = await handle(request, routeContext(params))
    expect(response.status).toBe(400)
    expect(problem.parse(await response.json())).toMatchObject({
      code: 'invalid-request',
      detail: 'The field `colums` is unknown.',
      facts: { colums: 'is unknown', issueCount: 1 },
    })
  })

  it('with a query field twice is refused, and names the field', async () => {
    const { handle } = serve(home.services, readThing, async () => Promise.reject(new Error('it was handled')))
    const request = new Request('http://test/x?like=a&like=b', { headers: { cookie: cookies.viewer } })
    const response = await handle(request, routeContext(params))
    expect(response.status).toBe(400)
    expect(problem.parse(await response.json())).toMatchObject({ detail: 'The query has the field "like" twice.' })
  })

  it.each([
    ['is not JSON', postRequest('{', { 'content-type': 'application/json' }), 'invalid-request'],
    ['is a list', postRequest([]), 'invalid-request'],
    [
      'comes from a form',
      postRequest('to=x', { 'content-type': 'application/x-www-form-urlencoded' }),
      'invalid-request',
    ],
    ['has no content type', postRequest('{"to":"x"}', { 'content-type': '' }), 'invalid-request'],
    ['is too large', postRequest({ to: 'x'.repeat(1024 * 1024) }), 'too-large'],
  ])('is refused when its body %s', async (_what, request, code) => {
    const { headers, body } = request
    headers.set('cookie', cookies.editor)
    const again = new Request('http://test/x', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
    expect(
      await readCode(await serve(home.services, changeThing, async () => ({})).handle(again, routeContext(params))),
    ).toBe(code)
  })

  it.each([
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ origin: 'http://test' }, true],
    [{ origin: 'http://test.evil.example' }, false],
    [{ origin: 'null' }, false],
    [{}, true],
  ])('that changes something and has the headers %o is allowed: %s', async (headers, isAllowed) => {
    const response = await serve(home.services, changeThing, async () => ({})).handle(
      postRequest({ to: 'x' }, headers),
      routeContext(params),
    )
    expect(response.status).toBe(isAllowed ? 200 : 403)
  })

  it('keeps a valid request id and gets one otherwise', async () => {
    const idOf = async (given: string) =>
      (await callEndpoint(readThing, { headers: { 'x-request-id': given } })).headers.get('x-request-id')
    expect(await idOf('trace-01.a_b')).toBe('trace-01.a_b')
    expect(await idOf('<script>')).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('a response', () => {
  it('forbids caching and content type sniffing', async () => {
    const { headers } = await callEndpoint(readThing)
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff'])
  })

  it.each([
    ['an expected failure', new AppError('commit-conflict', 'branch main moved'), 409],
    ['a bug', new TypeError('secret detail'), 500],
    ['a client that left', new DOMException('left', 'AbortError'), 499],
  ])('reports %s as a problem', async (_what, error, status) => {
    const response = await callEndpoint(readThing, { work: () => Promise.reject(error) })
    const body = problem.parse(await response.json())
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
    expect(body.requestId).toBe(response.headers.get('x-request-id'))
    expect(JSON.stringify(body)).not.toContain('secret')
  })

  it('that breaks the contract is our bug, not the caller’s', async () => {
    const response = await callEndpoint(readThing, { work: async () => ({ id: 'not a number' }) })
    expect([response.status, await readCode(response)]).toEqual([500, 'internal'])
  })

  it('says when to retry after too many requests', async () => {
    const error = new AppError('too-many-requests', 'wait', { facts: { pauseSeconds: 900 } })
    const response = await callEndpoint(readThing, { work: () => Promise.reject(error) })
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '900'])
  })
})

describe('an endpoint with several resources', () => {
  const move = endpoint({
    summary: 'Proves a rule',
    method: 'POST',
    path: '/api/v1/move',
    permission: 'table:write',
    resources: ({ from, to }) => [{ catalog: from }, { catalog: to }],
    input: z.object({ from: z.string(), to: z.string() }),
    output: z.object({}),
  })

  it('requires its permission on each', async () => {
    const { handle } = serve(home.services, move, async () => ({}))
    expect((await handle(postRequest({ from: 'a', to: 'b' }), routeContext({}))).status).toBe(200)
    const asViewer = postRequest({ from: 'a', to: 'b' }, { cookie: cookies.viewer })
    expect((await handle(asViewer, routeContext({}))).status).toBe(403)
  })

  it('fails as a bug when it names none, because no permission would be checked', async () => {
    const { handle } = serve(home.services, { ...move, resources: () => [] }, async () => ({}))
    expect((await handle(postRequest({ from: 'a', to: 'b' }), routeContext({}))).status).toBe(500)
  })
})

/** Connects the browser client to a route handler without a network, and decodes params as Next.js does. */
function join(path: string, { handle }: ServedEndpoint) {
  vi.stubGlobal('fetch', (target: string, init: RequestInit) => {
    const url = new URL(target, 'http://test')
    const values = url.pathname.split('/').map(decodeURIComponent)
    const named = path.split('/').flatMap((name, i) => (name.startsWith(':') ? [[name.slice(1), values[i]]] : []))
    const request = new Request(url, init)
    request.headers.set('cookie', cookies.viewer)
    return handle(request, routeContext(Object.fromEntries(named)))
  })
}

type CallOptions = {
  cookie?: string
  headers?: Record<string, string>
  params?: Record<string, string>
  work?: () => Promise<{ id: string }>
}

function callEndpoint(
  thing: typeof readThing,
  { cookie = cookies.viewer, headers = {}, params: given = params, work = async () => ({ id: '1' }) }: CallOptions = {},
): Promise<Response> {
  return serve(home.services, thing, work).handle(
    new Request('http://test/x', { headers: { cookie, ...headers } }),
    routeContext(given),
  )
}

function postRequest(body: object | string, headers: Record<string, string> = {}): Request {
  return new Request('http://test/x', {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: cookies.editor, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

function routeContext(given: Record<string, string>): RouteContext {
  return { params: Promise.resolve(given) }
}

async function readCode(response: Response): Promise<string> {
  return problem.parse(await response.json()).code
}
