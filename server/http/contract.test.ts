import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { contractEndpoints, routeFile } from '@/scripts/contract-endpoints'

const endpoints = await contractEndpoints()

describe.each(endpoints)('$name', ({ endpoint }) => {
  it('is served at the path it names', () => {
    const file = routeFile(endpoint)
    expect(existsSync(file), `missing ${file}`).toBe(true)
    const binding = { bytes: 'serveBytes', events: 'serveEvents', json: 'serve' }[outputOf(endpoint)]
    expect(readFileSync(file, 'utf8')).toContain(`export const ${endpoint.method} = ${binding}(`)
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

it('has no two endpoints at one method and path', () => {
  const addresses = endpoints.map(({ endpoint }) => `${endpoint.method} ${endpoint.path}`)
  expect(addresses.filter((address, i) => addresses.indexOf(address) !== i)).toEqual([])
})

it('refuses by name every method that a path does not answer', async () => {
  const routes = (await readdir('app/api', { recursive: true })).filter((file) => file.endsWith('route.ts'))
  for (const route of routes) {
    const text = readFileSync(`app/api/${route}`, 'utf8')
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      expect(text, `${route} ${method}`).toMatch(new RegExp(`export const (${method} =|\\{[^}]*\\b${method}\\b)`))
    }
  }
})

it('describes every route below /api/v1', async () => {
  const routes = (await readdir('app/api/v1', { recursive: true })).filter((file) => file.endsWith('route.ts'))
  const described = new Set(endpoints.map(({ endpoint }) => routeFile(endpoint)))
  expect(routes.map((file) => `app/api/v1/${file}`).filter((file) => !described.has(file))).toEqual([])
})

function outputOf({ output }: Endpoint) {
  return typeof output === 'string' ? output : 'json'
}
