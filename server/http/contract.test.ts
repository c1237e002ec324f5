import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { findRouteFile, listRouteFiles } from '@/testing/http/route-files'
import { createTestHome } from '@/testing/homes/test-home'
import { createRestRoutes } from '@/server/iceberg-rest/routes'
import { createEndpoints } from '@/server/program/endpoints'
import { createRoutes } from '@/server/program/routes'

const home = createTestHome()

const endpoints = ENDPOINTS
let routes: ReturnType<typeof createRoutes>
beforeAll(() => {
  routes = createRoutes(home.services, createRestRoutes(home.services))
})

describe.each(endpoints)('$name', ({ endpoint }) => {
  it('has a route of its resource', () => {
    const names = endpoint.path.split('/').slice(1)
    expect(findRouteFile(names).root).not.toBe('/api')
    expect(routes.find(names.map((segment) => segment.replace(':', '')))?.target[endpoint.method]).toBeTypeOf(
      'function',
    )
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

it('The contract has no two endpoints at one method and path', () => {
  const addresses = endpoints.map(({ endpoint }) => `${endpoint.method} ${endpoint.path}`)
  expect(addresses.filter((address, i) => addresses.indexOf(address) !== i)).toEqual([])
})

it('covers everything that the program serves', () => {
  const described = new Set<unknown>(endpoints.map(({ endpoint }) => endpoint))
  expect(createEndpoints(home.services).filter((served) => !described.has(served.endpoint))).toEqual([])
})

it('The contract has routes that are bound to where their files are', () => {
  const files = listRouteFiles()
  expect(files.length).toBeGreaterThan(25)
  for (const { file, root } of files) {
    const text = readFileSync(file, 'utf8').replaceAll(/\(\s+|,?\s+\)/g, (space) => space.replaceAll(/[\s,]/g, ''))
    expect(text, file).toContain(`= bindAddresses('${root}')`)
    expect(text, file).toContain('export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } =')
  }
})

it('The contract has an endpoint of each route below /api/v1', () => {
  const roots = listRouteFiles().filter(({ root }) => root.startsWith('/api/v1'))
  const used = new Set(endpoints.map(({ endpoint }) => findRouteFile(endpoint.path.split('/').slice(1)).root))
  expect(roots.map(({ root }) => root).filter((root) => !used.has(root))).toEqual([])
})
