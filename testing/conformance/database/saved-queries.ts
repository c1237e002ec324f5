import { describe, expect, test } from 'vitest'
import type { QueryParameter } from '@/lib/query/parameter-types'
import { removeUser } from '@/server/db/auth/users'
import type { Database } from '@/server/db/database'
import {
  addSavedQuery,
  changeSavedQuery,
  findSavedQuery,
  listSavedQueries,
  MAX_SAVED_QUERIES,
  MAX_VERSIONS,
  readQueryVersions,
  removeSavedQuery,
} from '@/server/db/query/saved-queries'
import { addTestUser, errorWithCode, type OpenDatabase, runConcurrently, setUpDatabase, TEXTS } from './testbed'

export function describeSavedQueries(open: OpenDatabase): void {
  describe('Saved queries', () => {
    const database = setUpDatabase(open)
    let count = 0
    const add = async (query: {
      ownerId: string
      name?: string
      sql?: string
      isShared?: boolean
      parameters?: readonly QueryParameter[]
    }) => {
      count += 1
      const queryId = `q${String(count).padStart(6, '0')}`
      await addSavedQuery(database(), {
        queryId,
        ownerName: 'ada',
        name: 'delays',
        sql: 'select 1',
        isShared: false,
        ...query,
      })
      return queryId
    }

    test.each(TEXTS)('keep their name and text as they are: %j', async (text) => {
      const queryId = await add({ ownerId: 'texts', name: text, sql: text, isShared: true })
      const found = await findSavedQuery(database(), queryId)
      expect(found).toMatchObject({ queryId, ownerId: 'texts', ownerName: 'ada', name: text, sql: text, version: 1 })
      expect(found?.isShared).toBe(true)
      expect(found?.createdAtMs).toBe(found?.changedAtMs)
      await removeSavedQuery(database(), queryId)
    })

    test.each(TEXTS)('keep the values of their parameters as they are: %j', async (text) => {
      const parameters = [{ name: 'p', type: 'text', isList: true, text }] as const
      const queryId = await add({ ownerId: 'values', isShared: true, parameters })
      expect((await findSavedQuery(database(), queryId))?.parameters).toEqual(parameters)
      const form = { name: 'new', sql: 'select $p', isShared: true, changedBy: 'bob' }
      await changeSavedQuery(database(), queryId, { ...form, version: 1 })
      expect((await findSavedQuery(database(), queryId))?.parameters).toEqual(parameters)
      await changeSavedQuery(database(), queryId, { ...form, version: 2, parameters: [] })
      expect((await findSavedQuery(database(), queryId))?.parameters).toEqual([])
      await removeSavedQuery(database(), queryId)
    })

    test.each(TEXTS)('keep their folder and how their result is shown: %j', async (text) => {
      const chart = { kind: 'line' as const, x: text, y: ['n'], series: null, aggregation: 'mean' as const }
      const display = { view: 'both' as const, chart }
      const queryId = await add({ ownerId: 'displays', isShared: true })
      expect(await findSavedQuery(database(), queryId)).toMatchObject({ folder: null, display: null })
      const form = { name: 'new', sql: 'select 2', isShared: true, changedBy: 'bob' }
      await changeSavedQuery(database(), queryId, { ...form, version: 1, folder: text, display })
      expect(await findSavedQuery(database(), queryId)).toMatchObject({ folder: text, display })
      await changeSavedQuery(database(), queryId, { ...form, version: 2 })
      expect(await findSavedQuery(database(), queryId)).toMatchObject({ folder: text, display })
      await changeSavedQuery(database(), queryId, { ...form, version: 3, folder: null, display: null })
      expect(await findSavedQuery(database(), queryId)).toMatchObject({ folder: null, display: null })
      await removeSavedQuery(database(), queryId)
    })

    test(`have a version for each save, the last ${MAX_VERSIONS}, which leave with them`, async () => {
      const queryId = await add({ ownerId: 'versions' })
      const form = { name: 'new', isShared: true, changedBy: 'bob' }
      await changeSavedQuery(database(), queryId, { ...form, sql: 'select 2', version: 1 })
      expect(await readQueryVersions(database(), queryId)).toMatchObject([
        { version: 2, name: 'new', sql: 'select 2', isShared: true, savedBy: 'bob' },
        { version: 1, name: 'delays', sql: 'select 1', isShared: false, savedBy: 'ada' },
      ])
      for (let version = 2; version <= MAX_VERSIONS; version++)
        await changeSavedQuery(database(), queryId, { ...form, sql: 'select 3', version })
      const versions = await readQueryVersions(database(), queryId)
      expect(versions).toHaveLength(MAX_VERSIONS)
      expect(versions.at(-1)?.version).toBe(2)
      await removeSavedQuery(database(), queryId)
      expect(await readQueryVersions(database(), queryId)).toEqual([])
    })

    test('are listed newest first and in pages, with those that others share', async () => {
      const own = [await add({ ownerId: 'lister' }), await add({ ownerId: 'lister' })]
      await add({ ownerId: 'another', name: 'private' })
      const shared = await add({ ownerId: 'another', isShared: true })
      const first = await list(database(), { userId: 'lister', limit: 2 })
      expect(first).toEqual({ ids: [shared, own[1]], matchCount: 3, totalCount: 3 })
      const rest = await list(database(), { userId: 'lister', limit: 2, before: own[1] ?? '' })
      expect(rest).toEqual({ ids: [own[0]], matchCount: 3, totalCount: 3 })
      await removeSavedQuery(database(), shared)
    })

    test('are found by a part of their name or text, ignoring the case of ASCII letters only', async () => {
      const byName = await add({ ownerId: 'finder', name: 'Delays of FLIGHTS' })
      const byText = await add({ ownerId: 'finder', sql: "select * from Flights where a like '50%_'" })
      await add({ ownerId: 'finder', name: 'Ämter' })
      const find = async (contains: string) => (await list(database(), { userId: 'finder', limit: 9, contains })).ids
      expect(await find('flights')).toEqual([byText, byName])
      expect(await find('50%_')).toEqual([byText])
      expect(await find('%')).toEqual([byText])
      expect(await find('ämter')).toEqual([])
      expect(await find("'")).toEqual([byText])
    })

    test('are listed with the first 300 characters of their text', async () => {
      await add({ ownerId: 'long', sql: 'ä'.repeat(1000) })
      const { queries } = await listSavedQueries(database(), { userId: 'long', limit: 5 })
      expect(queries.map(({ sqlPreview }) => sqlPreview)).toEqual(['ä'.repeat(300)])
    })

    test('change only from the version that was read, once', async () => {
      const queryId = await add({ ownerId: 'changer' })
      const form = { name: 'new', sql: 'select 2', isShared: true, changedBy: 'bob' }
      const { done, refused } = await runConcurrently((i) =>
        changeSavedQuery(database(), queryId, { ...form, sql: `select ${i}`, version: 1 }),
      )
      expect(done).toHaveLength(1)
      for (const refusal of refused) expect(refusal).toEqual(errorWithCode('version-conflict'))
      expect(await findSavedQuery(database(), queryId)).toMatchObject({ name: 'new', version: 2, changedBy: 'bob' })
      expect((await readQueryVersions(database(), queryId)).map(({ version }) => version)).toEqual([2, 1])
      await expect(changeSavedQuery(database(), 'gone', { ...form, version: 1 })).rejects.toEqual(
        errorWithCode('version-conflict'),
      )
    })

    test(`are at most ${MAX_SAVED_QUERIES} per user, also when they are saved at once`, async () => {
      for (let i = 0; i < MAX_SAVED_QUERIES - 3; i++) await add({ ownerId: 'many' })
      const { done, refused } = await runConcurrently(() => add({ ownerId: 'many' }))
      expect(done).toHaveLength(3)
      for (const refusal of refused) expect(refusal).toEqual(errorWithCode('invalid-request'))
      await expect(add({ ownerId: 'few' })).resolves.toBeTruthy()
    })

    test('leave with their owner, unless they are shared', async () => {
      const ownerId = await addTestUser(database(), 'viewer')
      const [personal, shared] = [await add({ ownerId }), await add({ ownerId, isShared: true })]
      await removeUser(database(), ownerId)
      expect(await findSavedQuery(database(), personal)).toBeNull()
      expect(await findSavedQuery(database(), shared)).toMatchObject({ ownerName: 'ada' })
    })
  })
}

async function list(database: Database, options: Parameters<typeof listSavedQueries>[1]) {
  const { queries, ...counts } = await listSavedQueries(database, options)
  return { ids: queries.map(({ queryId }) => queryId), ...counts }
}
