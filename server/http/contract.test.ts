import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { routeFile } from '@/testing/contract/contract-endpoints'
import { createTestHome } from '@/testing/homes/test-home'
import { createRestRoutes } from '@/server/iceberg-rest/routes'
import { createEndpoints } from '@/server/program/endpoints'
import { createRoutes } from '@/server/program/routes'

const home = createTestHome()

const endpoints = ENDPOINTS

describe.each(endpoints)('$name', ({ name, endpoint }) => {
  it('is bound at the path that it names', () => {
    const file = routeFile(endpoint)
    expect(existsSync(file), `missing ${file}`).toBe(true)
    const [, bound = ''] = /= bindEndpoints\(([^)]*)\)/.exec(readFileSync(file, 'utf8')) ?? []
    expect(bound.split(',').map((one) => one.trim())).toContain(name)
  })

  it('is served by the program, once', () => {
    expect(createEndpoints(home.services).filter((served) => served.endpoint === endpoint)).toHaveLength(1)
  })

  it('takes a field for every name in its path', () => {
    const names = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, name]) => name)
    expect(Object.keys(endpoint.input.shape)).toEqual(expect.arrayContaining(names))
  })

  it('can be written as JSON Schema for the API reference', () => {
    const shapes = [endpoint.input, ...(typeof endpoint.output === 'string' ? [] : [endpoint.output])]
    for (const shape of shapes) expect(z.toJSONSchema(shape, { io: 'input' })).toBeTypeOf('object')
  })
})

const renamed = endpoints.filter(({ endpoint }) => endpoint.formerPath !== undefined)

it('contains endpoints that were renamed in 0.2.0', () => {
  expect(renamed.map(({ name }) => name)).toEqual(['listOwnCredentials', 'setOwnCredentials', 'removeOwnCredentials'])
})

it.each(renamed)('$name answers at its former path, with the same fields in it', ({ endpoint }) => {
  const fields = (path = '') => [...path.matchAll(/:(\w+)/g)].map(([, field]) => field)
  expect(fields(endpoint.formerPath)).toEqual(fields(endpoint.path))
  const routes = createRoutes(home.services, createRestRoutes(home.services))
  const handler = routes.get(endpoint.path)?.[endpoint.method]
  expect(handler).toBeTypeOf('function')
  expect(routes.get(endpoint.formerPath ?? '')?.[endpoint.method]).toBe(handler)
})

it('The contract keeps every path of 0.1.0 for one more release', () => {
  const paths = new Set(endpoints.flatMap(({ endpoint }) => [endpoint.path, endpoint.formerPath]))
  const former = ['/api/v1/catalogs/:catalog/ask-anew', '/api/v1/own-logins', '/api/v1/own-logins/:catalog'] as const
  expect(former.filter((path) => !paths.has(path))).toEqual([])
})

it('The contract has no two endpoints at one method and path', () => {
  const addresses = endpoints.map(({ endpoint }) => `${endpoint.method} ${endpoint.path}`)
  expect(addresses.filter((address, i) => addresses.indexOf(address) !== i)).toEqual([])
})

it('covers everything that the program serves', () => {
  const described = new Set<unknown>(endpoints.map(({ endpoint }) => endpoint))
  expect(createEndpoints(home.services).filter((served) => !described.has(served.endpoint))).toEqual([])
})

it('binds the route of every address to the program, for every method', async () => {
  const routes = (await readdir('app', { recursive: true })).filter((file) => file.endsWith('route.ts'))
  expect(routes.length).toBeGreaterThan(40)
  const described = new Map(endpoints.map(({ endpoint }) => [routeFile(endpoint), endpoint.path] as const))
  for (const route of routes) {
    const text = readFileSync(`app/${route}`, 'utf8')
    const isProbe = /^(healthz|readyz)\//.test(route)
    const methods = isProbe ? 'GET' : 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
    expect(text, route).toMatch(new RegExp(`^export const \\{ ${methods} \\} =\\s+bind`, 'm'))
    const [, address] = /bindAddress\('([^']*)'\)/.exec(text) ?? []
    const [, operations] = /bindOperations\(\s*'([^']*)',?\s*\)/.exec(text) ?? []
    const path = address ?? (operations && `/iceberg${operations}`) ?? described.get(`app/${route}`) ?? ''
    expect(createRoutes(home.services, createRestRoutes(home.services)).has(path), route).toBe(true)
  }
})

it('describes every route below /api/v1', async () => {
  const routes = (await readdir('app/api/v1', { recursive: true })).filter((file) => file.endsWith('route.ts'))
  const described = new Set(
    endpoints.flatMap(({ endpoint }) =>
      [endpoint.path, ...(endpoint.formerPath ? [endpoint.formerPath] : [])].map((path) => routeFile({ path })),
    ),
  )
  expect(routes.map((file) => `app/api/v1/${file}`).filter((file) => !described.has(file))).toEqual([])
})
