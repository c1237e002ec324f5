import { afterEach, describe, expect, it } from 'vitest'
import { createToken, listTokens, revokeToken } from '@/lib/contract/tokens'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { bindAddress, bindEndpoints, bindOperations } from './bind'
import { buildProgram } from './create-program'
import { ROUTE_METHODS } from './program'
import { runningProgram, setProgram } from './slot'

const home = createTestHome()

const context = { params: Promise.resolve({}) }
const requestOf = (method: string, headers: Record<string, string> = {}) =>
  new Request('http://test/api/v1/tokens', { method, headers })

it('A route without a program in the slot fails, and the error says who puts one there', async () => {
  expect(() => runningProgram()).toThrow('No program runs in this process')
  expect(() => bindEndpoints(listTokens).GET(requestOf('GET'), context)).toThrow('No program runs in this process')
})

describe('A route', () => {
  const routes = bindEndpoints(listTokens, createToken)
  afterEach(() => setProgram(buildProgram(home.services)))

  it('calls the program that runs now, not the one that ran when it was bound', async () => {
    const calls: string[] = []
    for (const name of ['first', 'second']) {
      const program = buildProgram(home.services)
      setProgram({
        ...program,
        handle: async (method, path) => {
          calls.push(`${name} ${method} ${path}`)
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
    const response = await bindOperations('/v1/config').GET(requestOf('GET'), context)
    expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 401 } }])
  })

  it('whose address the program does not have fails', async () => {
    await expect(bindAddress('/none').GET(requestOf('GET'), context)).rejects.toThrow('has no address /none')
  })

  it('has one path', () => {
    expect(() => bindEndpoints(listTokens, revokeToken)).toThrow('One route cannot serve both')
  })
})
