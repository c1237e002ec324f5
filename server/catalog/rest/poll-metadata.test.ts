import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '@/server/auth/actor'
import { LakeStandIn } from '@/testing/catalogs/lake-stand-in'
import { createTestRestCatalog, errorReply, restSettings } from '@/testing/catalogs/rest-catalog-stand-in'
import { restrictToGrants } from '../decorators/restrict-to-grants'

let lake: LakeStandIn
const orders = { catalog: 'remote', namespace: ['sales'], table: 'orders' }
const open = () =>
  createTestRestCatalog(lake.uri, { settings: restSettings(lake.uri, { delegation: 'vended-credentials' }) })

beforeEach(async () => {
  lake = await LakeStandIn.start()
  lake.create('orders')
})
afterEach(() => lake.stop())

describe('A poll of the metadata', () => {
  it('requests no credentials, and sends the ETag only if it has one', async () => {
    const catalog = open()
    const first = await catalog.pollMetadata?.(orders, { etag: null })
    if (!first || first.isUnchanged) throw new Error('The table was not read.')
    expect(first.sizeBytes).toBe(lake.bodyOf('orders').length)
    expect(await catalog.pollMetadata?.(orders, { etag: first.etag })).toEqual({ isUnchanged: true })
    const [one, two] = lake.loads('orders').map(({ headers }) => headers)
    expect([one?.get('if-none-match'), two?.get('if-none-match')]).toEqual([null, first.etag])
    expect([one, two].some((headers) => headers?.has('x-iceberg-access-delegation'))).toBe(false)
  })

  it('reports when the catalog permits the next request', async () => {
    lake.override = (path) =>
      path.endsWith('orders') ? { ...errorReply(503, 'ServiceUnavailable'), headers: { 'retry-after': '120' } } : null
    const polled = open().pollMetadata?.(orders, { etag: null })
    await expect(polled).rejects.toMatchObject({ code: 'catalog-unavailable', facts: { retryAfterMs: 120_000 } })
  })

  it('reads no table that the grants of a user do not reach', async () => {
    const resource = { catalog: 'remote', namespace: ['sales'], table: 'returns' }
    const actor: Actor = {
      userId: 'u',
      username: 'ann',
      role: 'viewer',
      grants: [{ permission: 'table:read', resource }],
    }
    const polled = restrictToGrants(open(), actor).pollMetadata?.(orders, { etag: null })
    await expect(polled).rejects.toMatchObject({ code: 'not-found' })
    expect(lake.requestCount()).toBe(0)
  })
})
