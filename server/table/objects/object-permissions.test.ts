import { beforeAll, describe, expect, it, vi } from 'vitest'
import { listObjects } from '@/lib/contract/table/files'
import { joinNamespace } from '@/lib/names/identifiers'
import { type Grant, grantsOfRole } from '@/lib/permissions'
import * as actors from '@/server/auth/actor'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, signInAs } from '@/testing/homes/test-home'

/** Which users may list the stored files of a table, tested at the route itself. */

const home = createTestHome()
const OURS = { catalog: 'local', namespace: ['demo'], table: 'ours' }
const THEIRS = { ...OURS, table: 'theirs' }
const readOnly = (on: Grant['resource']): Grant[] => [{ permission: 'table:read', resource: on }]

let cookie = ''
const locations = new Map<string, string>()
beforeAll(async () => {
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  for (const identifier of [OURS, THEIRS]) {
    const { metadata, store } = await catalog.write({
      kind: 'create-table',
      table: identifier,
      schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
    })
    await store.writeNew(`${metadata.location}/data/secret-name.parquet`, new Uint8Array(4))
    locations.set(identifier.table, metadata.location)
  }
  cookie = (await signInAs(home.services, 'viewer')).cookie
})

/** Lists a folder of `theirs`, as a user with these grants. */
async function list(grants: readonly Grant[], folder = `${locations.get('theirs')}/data`) {
  const spy = vi
    .spyOn(actors, 'actorFor')
    .mockImplementation(({ userId, username }) => ({ userId, username, role: 'viewer', grants }))
  try {
    const handler = await loadRouteHandler(home.services, listObjects)
    const request = new Request(`http://test/x?${new URLSearchParams({ folder })}`, { headers: { cookie } })
    const params = { catalog: 'local', namespace: joinNamespace(THEIRS.namespace), table: THEIRS.table }
    const response = await handler(request, { params: Promise.resolve(params) })
    return { status: response.status, text: await response.text() }
  } finally {
    spy.mockRestore()
  }
}

describe('The stored files of a table', () => {
  it.each<[string, Grant[]]>([
    ['may read this table', readOnly(THEIRS)],
    ['may read all of its namespace', readOnly({ catalog: 'local', namespace: ['demo'] })],
    ['is an operator', grantsOfRole('admin')],
  ])('are listed for a user who %s', async (_who, grants) => {
    const { status, text } = await list(grants)
    expect(status).toBe(200)
    expect(text).toContain('secret-name.parquet')
  })

  it.each<[string, Grant[]]>([
    ['has no grant', []],
    ['may read another table only', readOnly(OURS)],
    ['may see the catalog only', [{ permission: 'catalog:read', resource: {} }]],
    ['may change the table without reading it', [{ permission: 'table:write', resource: THEIRS }]],
  ])('are not listed for a user who %s, nor is a name revealed', async (_who, grants) => {
    const { status, text } = await list(grants)
    expect(status).toBe(404)
    expect(text).not.toContain('secret-name')
    expect(text).not.toContain(locations.get('theirs'))
  })

  it('do not include those of another table or of the warehouse, also for an operator', async () => {
    for (const folder of [
      `${locations.get('ours')}/data`,
      home.config.warehouse,
      `${home.config.warehouse}/demo`,
      'file:///etc',
    ]) {
      const { status, text } = await list(grantsOfRole('admin'), folder)
      expect([folder, status]).toEqual([folder, 403])
      expect(text).not.toContain('secret-name')
    }
  })
})
