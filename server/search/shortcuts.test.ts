import { beforeAll, describe, expect, it } from 'vitest'
import type { FavouriteTarget } from '@/lib/contract/shortcuts'
import type { Grant } from '@/lib/permissions'
import { type Actor, actorFor } from '@/server/auth/actor'
import { removeQuery, saveQuery } from '@/server/query/saved-queries'
import { createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { createView } from '@/testing/lifecycle/actions'
import { addFavourite, readShortcuts, recordVisit, removeFavourite } from './shortcuts'

const home = createTestHome()
const signal = new AbortController().signal
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'one', required: false, type: 'long' as const }],
}
const table = (name: string, namespace = ['sales']) => ({ kind: 'table', catalog: 'local', namespace, name }) as const
let admin: Actor
let engine: RestClient

const star = (target: FavouriteTarget, actor = admin) => addFavourite(home.services, actor, target, { signal })
const read = (actor = admin) => readShortcuts(home.services, actor)
const withGrants = (...grants: Grant[]): Actor => ({ ...admin, role: 'viewer', grants })
async function send(method: string, path: string, body?: Parameters<RestClient>[2]): Promise<void> {
  const reply = await engine(method, path, body)
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`)
}
async function uuidOf(name: string): Promise<string> {
  const catalog = await home.services.catalogs.open('local', admin)
  return (await catalog.loadTable({ catalog: 'local', namespace: ['sales'], table: name })).metadata.tableUuid
}

beforeAll(async () => {
  const { userId, username } = await signInAs(home.services, 'admin')
  admin = actorFor({ userId, username, role: 'admin' })
  engine = await createRestClientAs(home.services, 'admin')
  const catalog = await openTestCatalog(home.services)
  for (const namespace of [['sales'], ['secret'], ['empty']])
    await catalog.write({ kind: 'create-namespace', namespace, properties: {} })
  for (const name of ['orders', 'renamed', 'dropped', 'visited'])
    await catalog.write({
      kind: 'create-table',
      table: { catalog: 'local', namespace: ['sales'], table: name },
      schema: SCHEMA,
      properties: {},
    })
})

describe('Favourites', () => {
  it('are tables, views, namespaces and saved queries, the newest first', async () => {
    const view = { catalog: 'local', namespace: ['sales'], view: 'recent' }
    const version = {
      representations: [{ dialect: 'duckdb', sql: 'select 1 as one' }],
      defaultCatalog: null,
      defaultNamespace: ['sales'],
      schema: SCHEMA,
    }
    const request = { actor: admin, signal, requestId: null, idempotencyKey: 'key-of-a-favourite-view' }
    await createView(home.services, view, { version, properties: {} }, request)
    const { queryId } = await saveQuery(home.services, admin, { name: 'Margins', sql: 'select 1', isShared: false })
    await star(table('orders'))
    await star({ kind: 'view', catalog: 'local', namespace: ['sales'], name: 'recent' })
    await star({ kind: 'namespace', catalog: 'local', namespace: ['empty'] })
    await star({ kind: 'query', queryId })
    const { favourites } = await read()
    expect(favourites).toEqual(
      expect.arrayContaining([
        { ...table('orders'), isDropped: false },
        { kind: 'view', catalog: 'local', namespace: ['sales'], name: 'recent', isDropped: false },
        { kind: 'namespace', catalog: 'local', namespace: ['empty'] },
        { kind: 'query', queryId, name: 'Margins' },
      ]),
    )
    await removeQuery(home.services, admin, queryId)
    await send('DELETE', 'local/namespaces/empty')
    await removeFavourite(home.services, admin, {
      kind: 'view',
      catalog: 'local',
      namespace: ['sales'],
      name: 'recent',
    })
    expect((await read()).favourites).toEqual([{ ...table('orders'), isDropped: false }])
    await removeFavourite(home.services, admin, table('orders'))
    expect((await read()).favourites).toEqual([])
  })

  it('follow a table that an engine renames, and say that it was dropped', async () => {
    await star(table('renamed'))
    await send('POST', 'local/tables/rename', {
      body: {
        source: { namespace: ['sales'], name: 'renamed' },
        destination: { namespace: ['secret'], name: 'moved' },
      },
    })
    const moved = table('moved', ['secret'])
    expect((await read()).favourites).toEqual([{ ...moved, isDropped: false }])
    const reader = withGrants({ permission: 'table:read', resource: { catalog: 'local', namespace: ['sales'] } })
    expect((await read(reader)).favourites).toEqual([])
    await send('DELETE', 'local/namespaces/secret/tables/moved')
    expect((await read()).favourites).toEqual([{ ...moved, isDropped: true }])
    await removeFavourite(home.services, admin, moved)
  })

  it('are refused for what does not exist, or is hidden', async () => {
    const reader = withGrants({ permission: 'table:read', resource: { catalog: 'local', namespace: ['sales'] } })
    const missing = [
      [table('missing'), admin],
      [{ kind: 'view', catalog: 'local', namespace: ['sales'], name: 'orders' }, admin],
      [table('any', ['secret']), reader],
      [{ kind: 'namespace', catalog: 'local', namespace: ['secret'] }, reader],
      [{ kind: 'namespace', catalog: 'other', namespace: ['sales'] }, admin],
      [{ kind: 'query', queryId: 'missing' }, admin],
    ] as const
    for (const [target, actor] of missing)
      await expect(star(target, actor)).rejects.toMatchObject({ code: 'not-found' })
    expect((await read()).favourites).toEqual([])
  })
})

describe('Visits', () => {
  it('are listed until the table is dropped or no longer readable', async () => {
    for (const name of ['visited', 'dropped'])
      await recordVisit(home.services, admin, { ...table(name), uuid: await uuidOf(name) })
    expect((await read()).visits.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'dropped',
      'visited',
    ])
    await send('DELETE', 'local/namespaces/sales/tables/dropped')
    expect((await read()).visits).toEqual([table('visited')])
    expect((await read(withGrants())).visits).toEqual([])
  })

  it('of a hidden table are refused', async () => {
    const reader = withGrants({ permission: 'table:read', resource: { catalog: 'local', namespace: ['other'] } })
    await expect(
      recordVisit(home.services, reader, { ...table('visited'), uuid: await uuidOf('visited') }),
    ).rejects.toMatchObject({ code: 'not-found' })
  })
})
