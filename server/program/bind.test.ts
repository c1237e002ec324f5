import { afterEach, describe, expect, it } from 'vitest'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { bindAddresses } from './bind'
import { buildProgram } from './create-program'
import { ROUTE_METHODS } from './program'
import { runningProgram, setProgram } from './slot'

const home = createTestHome()

const context = { params: Promise.resolve({}) }
const contextOf = (params: Record<string, string | string[]>) => ({ params: Promise.resolve(params) })
const requestOf = (method: string, headers: Record<string, string> = {}) =>
  new Request('http://test/api/v1/tokens', { method, headers })

it('A route without a program in the slot fails, and the error says who puts one there', async () => {
  expect(() => runningProgram()).toThrow('No program runs in this process')
  await expect(bindAddresses('/api/v1/tokens').GET(requestOf('GET'), context)).rejects.toThrow(
    'No program runs in this process',
  )
})

describe('A route', () => {
  const routes = bindAddresses('/api/v1/tokens')
  afterEach(() => setProgram(buildProgram(home.services)))

  it('calls the program that runs now, not the one that ran when it was bound', async () => {
    const calls: string[] = []
    for (const name of ['first', 'second']) {
      const program = buildProgram(home.services)
      setProgram({
        ...program,
        handle: async (method, segments) => {
          calls.push(`${name} ${method} /${segments.join('/')}`)
          return new Response()
        },
      })
      await routes.GET(requestOf('GET'), context)
    }
    expect(calls).toEqual(['first GET /api/v1/tokens', 'second GET /api/v1/tokens'])
  })

  it('handles HEAD like GET, lists its methods, and refuses the others', async () => {
    const { cookie } = await signInAs(home.services, 'editor')
    const statuses = await Promise.all(
      ROUTE_METHODS.map(async (method) => (await routes[method](requestOf(method, { cookie }), context)).status),
    )
    expect(Object.fromEntries(ROUTE_METHODS.map((method, index) => [method, statuses[index]]))).toEqual({
      GET: 200,
      HEAD: 200,
      POST: 400, // it has no body
      PUT: 405,
      PATCH: 405,
      DELETE: 405,
      OPTIONS: 204,
    })
    const options = await routes.OPTIONS(requestOf('OPTIONS'), context)
    expect(options.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS')
  })

  it('of the REST catalog responds in the format of the specification', async () => {
    const response = await bindAddresses('/iceberg').GET(requestOf('GET'), contextOf({ path: ['v1', 'config'] }))
    expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 401 } }])
  })

  it('passes the segments of its address as they were decoded', async () => {
    const seen: (readonly string[])[] = []
    setProgram({
      ...buildProgram(home.services),
      handle: async (_method, segments) => {
        seen.push(segments)
        return new Response()
      },
    })
    const { GET } = bindAddresses('/api/v1/catalogs/:catalog/namespaces')
    await GET(requestOf('GET'), contextOf({ catalog: 'a/b' }))
    await GET(requestOf('GET'), contextOf({ catalog: 'a/b', path: ['n/s', 'tables'] }))
    expect(seen).toEqual([
      ['api', 'v1', 'catalogs', 'a/b', 'namespaces'],
      ['api', 'v1', 'catalogs', 'a/b', 'namespaces', 'n/s', 'tables'],
    ])
  })

  it('without params in its folder serves its one address', async () => {
    const response = await bindAddresses('/healthz').GET(requestOf('GET'), { params: Promise.resolve(undefined) })
    expect(response.status).toBe(200)
  })

  it('refuses an address below it that no endpoint has', async () => {
    const response = await routes.GET(requestOf('GET'), contextOf({ path: ['a', 'b', 'c'] }))
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'not-found' }])
  })

  it('outside the addresses of the program fails', async () => {
    await expect(bindAddresses('/none').GET(requestOf('GET'), context)).rejects.toThrow('has no address /none')
  })
})
