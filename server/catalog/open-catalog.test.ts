import { beforeAll, describe, expect, test } from 'vitest'
import { type Grant, grantsOfRole } from '@/lib/permissions'
import { makeTestHome } from '@/scripts/test-home'
import type { Actor } from '@/server/auth/actor'
import { config } from '@/server/config'
import { listAudit } from '@/server/db/audit'
import { newestEvents } from '@/server/metrics/events'
import { localPath, openStore } from '@/server/storage/open-store'
import { catalogNames, openCatalog } from './open-catalog'

makeTestHome()

const actor = (grants: readonly Grant[]): Actor => ({ userId: 'u', username: 'ann', role: 'viewer', grants })
const reader = actor(grantsOfRole('viewer'))
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', required: false, type: 'int' as const }],
}

beforeAll(async () => {
  const catalog = await openCatalog('local', reader)
  await catalog.createNamespace(['a', 'deep'], {})
  await catalog.createNamespace(['b'], {})
  for (const [namespace, table] of [
    [['a', 'deep'], 't'],
    [['b'], 't'],
    [['b'], 'u'],
  ] as const) {
    await catalog.createTable({ catalog: 'local', namespace, table }, { schema: SCHEMA })
  }
})

describe('A catalog', () => {
  test('is opened by its configured name, with its warehouse', async () => {
    expect(catalogNames(reader)).toEqual(['local'])
    const catalog = await openCatalog('local', reader)
    expect(catalog).toMatchObject({ name: 'local', kind: 'embedded', warehouse: config().warehouse })
    await expect(openCatalog('other', reader)).rejects.toMatchObject({ code: 'not-found' })
    expect(() => openStore('other')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  test('is not there for who may see nothing in it', async () => {
    const elsewhere = actor([{ permission: 'table:read', on: { catalog: 'other' } }])
    expect(catalogNames(elsewhere)).toEqual([])
    await expect(openCatalog('local', elsewhere)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('lists only what a grant reaches', async () => {
    const catalog = await openCatalog(
      'local',
      actor([
        { permission: 'table:read', on: { catalog: 'local', namespace: ['a'] } },
        { permission: 'table:read', on: { catalog: 'local', namespace: ['b'], table: 'u' } },
      ]),
    )
    expect(await catalog.listNamespaces(null)).toEqual([['a'], ['b']])
    expect(await catalog.listNamespaces(['a'])).toEqual([['a', 'deep']])
    expect(await catalog.listTables(['a', 'deep'])).toHaveLength(1)
    expect(await catalog.listTables(['b'])).toEqual([{ catalog: 'local', namespace: ['b'], table: 'u' }])
    const narrow = await openCatalog('local', actor([{ permission: 'table:read', on: { namespace: ['b'] } }]))
    expect(await narrow.listNamespaces(null)).toEqual([['b']])
  })

  test('tells of every namespace that is made or dropped, by whom and with what it was', async () => {
    const catalog = await openCatalog('local', reader)
    await catalog.createNamespace(['c', 'told'], { owner: 'ann', exists: 'true' })
    await expect(catalog.createNamespace(['c', 'told'], {})).rejects.toMatchObject({ code: 'already-exists' })
    await expect(catalog.dropNamespace(['c'])).rejects.toMatchObject({ code: 'namespace-not-empty' })
    await catalog.dropNamespace(['c', 'told'])
    const place = { table: null, namespace: { catalog: 'local', namespace: ['c', 'told'] }, actor: { username: 'ann' } }
    const state = { properties: { owner: 'ann' } }
    expect(listAudit({ limit: 2 })).toMatchObject([
      { ...place, action: 'drop-namespace', before: state, after: null },
      { ...place, action: 'create-namespace', before: null, after: state },
    ])
    const [newest] = newestEvents(reader, [], 1)
    expect(newest).toMatchObject({ action: 'drop-namespace', place: { namespace: ['c', 'told'], table: null } })
    const elsewhere = actor([{ permission: 'table:read', on: { catalog: 'local', namespace: ['a'] } }])
    expect(newestEvents(elsewhere, [], 9).map(({ place: { namespace } }) => namespace)).toEqual([['a', 'deep']])
  })

  test('has its files on this machine', async () => {
    const { metadataLocation } = await (await openCatalog('local', reader)).loadTable({
      catalog: 'local',
      namespace: ['b'],
      table: 't',
    })
    expect(localPath(metadataLocation)).toBe(metadataLocation.slice('file://'.length))
    expect(await openStore('local').sizeBytes(metadataLocation)).toBeGreaterThan(100)
    expect(() => localPath('file:///etc/passwd')).toThrow(expect.objectContaining({ code: 'forbidden' }))
  })
})
