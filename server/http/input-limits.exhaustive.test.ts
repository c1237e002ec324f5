import { beforeAll, describe, expect, it, type MockInstance, vi } from 'vitest'
import type { Endpoint } from '@/lib/contract/endpoint'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { getSession } from '@/lib/contract/session'
import { MAX_JSON_DEPTH } from '@/lib/iceberg/json/exact-json'
import { findInputSites, type InputSite } from '@/testing/contract/input-sites'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { MAX_BODY_BYTES } from '@/server/http/request/read-request-fields'

/**
 * Every text, list, record and nested shape of every input, found in the contract, is sent above its limit by a user
 * without a role, whom every permission check refuses. A limit that is checked only after the permission, or after
 * work, fails.
 */

const home = createTestHome()
/** In a path or a query. The web server refuses heads of requests above 16 KiB, so this is far more than can arrive. */
const MAX_URL_FIELD_CHARS = 1024 * 1024

const endpoints = ENDPOINTS.map(({ name, endpoint }) => ({ name, endpoint, sites: findInputSites(endpoint.input) }))

let cookie: string
let opened: MockInstance
let read: MockInstance
let committed: MockInstance
beforeAll(async () => {
  ;({ cookie } = await signInAs(home.services, null))
  opened = vi.spyOn(home.services.catalogs, 'open')
  read = vi.spyOn(home.database, 'read')
  committed = vi.spyOn(home.database, 'commit')
})

const hasBody = ({ method }: Endpoint) => method === 'POST' || method === 'PUT'
const pathNames = ({ path }: Endpoint) => [...path.matchAll(/:(\w+)/g)].flatMap(([, name]) => name ?? [])
const isInBody = (endpoint: Endpoint, { field }: InputSite) => hasBody(endpoint) && !pathNames(endpoint).includes(field)

/** Sends fields, each a JSON text, as a client would. */
async function send(endpoint: Endpoint, fields: ReadonlyMap<string, string>, declaredBytes?: number) {
  const inPath = pathNames(endpoint)
  const toText = (json = '""') => String(JSON.parse(json))
  const params = Object.fromEntries(inPath.map((name) => [name, toText(fields.get(name))]))
  const rest = [...fields].filter(([name]) => !inPath.includes(name))
  const query = new URLSearchParams(rest.map(([name, json]) => [name, hasBody(endpoint) ? '' : toText(json)]))
  const body = `{${rest.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`
  const request = new Request(`http://test/x${hasBody(endpoint) ? '' : `?${query}`}`, {
    method: endpoint.method,
    headers: {
      cookie,
      ...(hasBody(endpoint) && { 'content-type': 'application/json' }),
      ...(declaredBytes !== undefined && { 'content-length': String(declaredBytes) }),
    },
    ...(hasBody(endpoint) && { body }),
  })
  const handler = await loadRouteHandler(home.services, endpoint)
  for (const spy of [opened, read, committed]) spy.mockClear()
  const response = await handler(request, { params: Promise.resolve(params) })
  // A refusal of a write is an entry of the audit, once a minute.
  expect(committed.mock.calls.length).toBeLessThanOrEqual(1)
  const work = { opened: opened.mock.calls.length, reads: read.mock.calls.length }
  const problem = response.status < 400 ? {} : ((await response.json()) as { code?: string; facts?: object })
  if (response.status < 400) await response.body?.cancel()
  return { status: response.status, code: problem.code, named: Object.keys(problem.facts ?? {}), work }
}

/** How long the request would be, without building it. */
function estimateChars(site: InputSite, size: number): number {
  const charsOf = (count: number) => [...site.withSize(count).values()].join('').length
  return charsOf(1) + (charsOf(3) - charsOf(2)) * (size - 1)
}

/** A body above the limit for bodies is only declared: it is refused before a byte of it is read. */
async function sendSized(endpoint: Endpoint, site: InputSite, size: number) {
  const chars = estimateChars(site, size)
  if (isInBody(endpoint, site)) {
    return chars > MAX_BODY_BYTES ? send(endpoint, site.withSize(2), chars) : send(endpoint, site.withSize(size))
  }
  return send(endpoint, site.withSize(Math.min(size, MAX_URL_FIELD_CHARS)))
}

/** How many issues the shape of the input has with a part of this size. */
function problemsAt({ input }: Endpoint, site: InputSite, size: number): number {
  const fields = [...site.withSize(size)].map(([name, json]) => [name, JSON.parse(json) as unknown] as const)
  const issues = input.safeParse(Object.fromEntries(fields)).error?.issues ?? []
  return issues.filter(({ path }) => path[0] === site.field).length
}

const isAbout = (field: string) => (name: string) => name === field || name.startsWith(`${field}.`)

describe.each(endpoints)('$name', ({ endpoint, sites }) => {
  it('has a limit for every text, list and record of its input', () => {
    const unlimited = sites.filter(({ kind, limit }) => kind !== 'nesting' && limit === null)
    expect(unlimited.map(({ path, kind }) => `${path} (${kind})`)).toEqual([])
  })

  it('takes each of them up to its limit, and not above', () => {
    for (const site of sites) {
      const { limit, path, kind } = site
      if (limit === null || estimateChars(site, limit) > MAX_BODY_BYTES) continue
      expect({ path, kind, limit, problems: problemsAt(endpoint, site, limit) }).toEqual({
        path,
        kind,
        limit,
        problems: 0,
      })
      expect({ path, kind, limit, isAboveRefused: problemsAt(endpoint, site, limit + 1) > 0 }).toEqual({
        path,
        kind,
        limit,
        isAboveRefused: true,
      })
    }
  })
})

describe.each(endpoints.filter(({ sites }) => sites.length > 0))('$name', ({ endpoint, sites }) => {
  it('refuses each part of its input above its limit, before any work', async () => {
    const unknown = new Map([...(sites[0]?.withSize(1) ?? []), ['unknownField', '1']])
    const { work: least } = await send(endpoint, unknown)
    expect(least.opened).toBe(0)
    for (const site of sites) {
      const limit = site.limit ?? MAX_JSON_DEPTH
      for (const size of [limit * 10, limit * 1000]) {
        const { status, code, named, work } = await sendSized(endpoint, site, size)
        const sent = { path: site.path, kind: site.kind, size }
        const refusals = isInBody(endpoint, site) ? ['400 invalid-request', '413 too-large'] : ['400 invalid-request']
        expect({ ...sent, work, refusal: `${status} ${code}` }).toEqual({
          ...sent,
          work: least,
          refusal: expect.toBeOneOf(refusals),
        })
        const isNamed = status === 413 || named.some(isAbout(site.field))
        expect({ ...sent, isNamed }).toEqual({ ...sent, isNamed: true })
      }
    }
    expect((await send(getSession, new Map())).status).toBe(200)
  })
})

describe.each(endpoints.filter(({ endpoint }) => hasBody(endpoint)))('$name', ({ endpoint, sites }) => {
  it('refuses a body that is nested deeper than JSON may be', async () => {
    for (const levels of [MAX_JSON_DEPTH, MAX_JSON_DEPTH * 10, MAX_JSON_DEPTH * 1000]) {
      const nested = `${'['.repeat(levels)}${']'.repeat(levels)}`
      const inPath = pathNames(endpoint).map((name) => [name, '"1"'] as const)
      const { status, code, work } = await send(endpoint, new Map([...inPath, ['nested', nested]]))
      expect({ levels, refusal: `${status} ${code}`, opened: work.opened }).toEqual({
        levels,
        refusal: '413 too-large',
        opened: 0,
      })
    }
  })

  it('reads what is nested as deeply as JSON may be', async () => {
    for (const site of sites.filter(({ kind }) => kind === 'nesting')) {
      const depthOf = (size: number) => [...site.withSize(size).values()].join('').replaceAll(/[^[{]/g, '').length
      const size = Math.floor((MAX_JSON_DEPTH - depthOf(0)) / (depthOf(2) - depthOf(1)))
      const { status } = await send(endpoint, site.withSize(size))
      expect({ path: site.path, size, status }).toEqual({ path: site.path, size, status: expect.toBeOneOf([403, 404]) })
    }
  })
})

it('The contract has inputs of each kind to send', () => {
  const kinds = Map.groupBy(
    endpoints.flatMap(({ sites }) => sites),
    ({ kind }) => kind,
  )
  const counts = Object.fromEntries([...kinds].map(([kind, found]) => [kind, found.length]))
  expect(counts).toEqual({
    text: expect.toSatisfy((count: number) => count > 900),
    levels: expect.toSatisfy((count: number) => count > 100),
    list: expect.toSatisfy((count: number) => count > 100),
    record: expect.toSatisfy((count: number) => count > 5),
    nesting: expect.toSatisfy((count: number) => count > 10),
  })
})
