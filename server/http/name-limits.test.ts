import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { addGrant } from '@/lib/contract/access/grants'
import { listAccessRequests, requestAccess } from '@/lib/contract/access/requests'
import { createToken, listTokens } from '@/lib/contract/tokens'
import { joinNamespace } from '@/lib/names/identifiers'
import { requestWith } from '@/testing/contract/request-with'
import { sampleInput } from '@/testing/contract/sample-input'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'

/**
 * A name that is too large is a bad request even from a user without permissions: it is refused before the permission
 * check, and is not stored.
 */

const home = createTestHome()
const LEVELS = Array.from({ length: 60_000 }, () => 'a')
const DEEP = joinNamespace(LEVELS)
const LONG = 'x'.repeat(256)

let nobody: SignedInUser

beforeAll(async () => {
  nobody = await signInAs(home.services, null)
})

async function send(endpoint: Endpoint, fields: Record<string, unknown>, { cookie } = nobody) {
  const { params, request } = requestWith(endpoint, fields, cookie)
  const response = await (await loadRouteHandler(home.services, endpoint))(request, { params: Promise.resolve(params) })
  return { status: response.status, text: await response.text() }
}

/** Fields that a request needs in order to name them: a table needs a namespace, and a namespace its catalog. */
const AROUND: Record<string, Record<string, string>> = {
  catalog: {},
  toCatalog: {},
  namespace: { catalog: 'local' },
  parent: { catalog: 'local' },
  toNamespace: {},
  table: { catalog: 'local', namespace: 'nowhere' },
  view: { catalog: 'local', namespace: 'nowhere' },
  toTable: {},
  toView: {},
}
const NAMESPACES = new Set(['namespace', 'parent', 'toNamespace'])

/** Each name that an endpoint takes. In some filters a text of the same field is something else. */
const named = ENDPOINTS.flatMap(({ name, endpoint }) =>
  Object.keys(AROUND).flatMap((field) =>
    Object.hasOwn(endpoint.input.shape, field) ? [{ name, endpoint, field }] : [],
  ),
)

const withField = (endpoint: Endpoint, field: string, value: string) => {
  const around = Object.entries(AROUND[field] ?? {}).filter(([other]) => Object.hasOwn(endpoint.input.shape, other))
  return { ...sampleInput(endpoint.input), ...Object.fromEntries(around), [field]: value }
}

describe('A request is refused', () => {
  it.each(named.filter(({ field }) => NAMESPACES.has(field)))(
    'with 60,000 levels or a level of 256 characters in $field of $name',
    async ({ endpoint, field }) => {
      for (const namespace of [DEEP, `a\x1f${LONG}`]) {
        const { status, text } = await send(endpoint, withField(endpoint, field, namespace))
        expect([status, text]).toEqual([400, expect.stringContaining(`\`${field}`)])
      }
    },
  )

  it.each(named.filter(({ field }) => !NAMESPACES.has(field)))(
    'with 256 characters in $field of $name',
    async ({ endpoint, field }) => {
      const { status, text } = await send(endpoint, withField(endpoint, field, LONG))
      expect([status, text]).toEqual([400, expect.stringContaining(`\`${field}`)])
    },
  )

  it('with a namespace of exactly 100 levels of 255 characters for another reason only', async () => {
    const largest = joinNamespace(LEVELS.slice(0, 100).map(() => 'x'.repeat(255)))
    const form = { role: 'viewer', note: '', catalog: 'local', namespace: largest }
    expect(await send(requestAccess, form)).toMatchObject({ status: 200 })
  })
})

describe('Nothing is stored', () => {
  it('of a request for access, a token or a grant on such a namespace', async () => {
    const admin = await signInAs(home.services, 'admin')
    const before = await Promise.all([send(listAccessRequests, {}), send(listTokens, {})])
    const on = { catalog: 'local', namespace: DEEP }
    const token = { name: 'deep', role: 'viewer', days: 1 }
    const holder = { kind: 'user', id: nobody.userId }
    for (const [endpoint, form, sender] of [
      [requestAccess, { role: 'viewer', note: '' }, nobody],
      [createToken, token, nobody],
      [addGrant, { role: 'viewer', holder }, admin],
    ] as const)
      expect(await send(endpoint, { ...form, ...on }, sender)).toMatchObject({ status: 400 })
    expect(await Promise.all([send(listAccessRequests, {}), send(listTokens, {})])).toEqual(before)
  })
})

it('The contract says the limits of each name', () => {
  for (const { name, endpoint, field } of named) {
    const { properties = {} } = z.toJSONSchema(endpoint.input, { io: 'input', unrepresentable: 'any' })
    const maxLength = NAMESPACES.has(field) ? 25_599 : 255
    expect([name, field, properties[field]]).toMatchObject([name, field, { maxLength }])
  }
})
