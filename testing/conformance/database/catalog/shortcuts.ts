import { describe, expect, test } from 'vitest'
import { MAX_VISITS } from '@/lib/contract/shapes/plain-values'
import { removeUser } from '@/server/db/auth/users'
import {
  addFavourite,
  dropNamespaceShortcutsChange,
  MAX_FAVOURITES,
  moveShortcutsChange,
  readFavourites,
  readVisits,
  recordVisit,
  removeFavourite,
  removeQueryShortcutsChange,
} from '@/server/db/catalog/shortcuts'
import {
  addTestUser,
  countRows,
  errorWithCode,
  NAMES,
  type OpenDatabase,
  runConcurrently,
  setUpDatabase,
} from '@/testing/conformance/database/testbed'

const table = (name: string, uuid = `uuid-${name}`) =>
  ({ kind: 'table', catalog: 'local', namespace: ['a', 'b'], name, uuid }) as const

export function describeShortcuts(open: OpenDatabase): void {
  describe('Favourites and visits', () => {
    const database = setUpDatabase(open)
    const favourites = (userId: string) => readFavourites(database(), userId)
    const visits = (userId: string) => readVisits(database(), userId)

    test.each(NAMES)('have the names of what they are: %j', async (name) => {
      const userId = await addTestUser(database())
      const targets = [
        table(name),
        { kind: 'namespace', catalog: name, namespace: [name] },
        { kind: 'query', queryId: name },
      ] as const
      for (const target of targets) await addFavourite(database(), userId, target)
      const { uuid: _, ...named } = table(name)
      expect(await favourites(userId)).toEqual(
        expect.arrayContaining([named, ...targets.slice(1)].map((one) => ({ ...one, isDropped: false }))),
      )
      for (const target of targets) await removeFavourite(database(), userId, target)
      expect(await favourites(userId)).toEqual([])
    })

    test('follow a table that is renamed, dropped and restored, by its UUID', async () => {
      const userId = await addTestUser(database())
      await addFavourite(database(), userId, table('t', 'followed'))
      await recordVisit(database(), userId, table('t', 'followed'))
      await addFavourite(database(), userId, { ...table('t', 'followed'), catalog: 'mirror' })
      const to = { catalog: 'local', namespace: ['c'], table: 'new' }
      await database().commit([moveShortcutsChange('followed', 'local', to)])
      const moved = { kind: 'table', catalog: 'local', namespace: ['c'], name: 'new' }
      expect(await visits(userId)).toEqual([{ ...moved, isDropped: false }])
      await database().commit([moveShortcutsChange('followed', 'local', null)])
      const { uuid: _, ...other } = table('t')
      expect(await favourites(userId)).toEqual(
        expect.arrayContaining([
          { ...moved, isDropped: true },
          { ...other, catalog: 'mirror', isDropped: false },
        ]),
      )
      await database().commit([moveShortcutsChange('followed', 'local', to)])
      expect(await visits(userId)).toEqual([{ ...moved, isDropped: false }])
    })

    test('of a namespace or a query are removed with it', async () => {
      const userId = await addTestUser(database())
      await addFavourite(database(), userId, { kind: 'namespace', catalog: 'local', namespace: ['n'] })
      await addFavourite(database(), userId, { kind: 'namespace', catalog: 'local', namespace: ['n', 'm'] })
      await addFavourite(database(), userId, { kind: 'query', queryId: 'q' })
      await database().commit([dropNamespaceShortcutsChange('local', ['n']), removeQueryShortcutsChange('q')])
      expect(await favourites(userId)).toEqual([
        { kind: 'namespace', catalog: 'local', namespace: ['n', 'm'], isDropped: false },
      ])
    })

    test('are of one user, and removed with the user', async () => {
      const [ada, eve] = [await addTestUser(database()), await addTestUser(database())]
      await addFavourite(database(), ada, table('t'))
      await recordVisit(database(), eve, table('t'))
      expect([await favourites(eve), await visits(ada)]).toEqual([[], []])
      await removeFavourite(database(), eve, table('t'))
      expect([await favourites(ada), await visits(eve)]).toMatchObject([[{ name: 't' }], [{ name: 't' }]])
      const count = await countRows(database(), 'shortcuts')
      await removeUser(database(), ada)
      expect(await countRows(database(), 'shortcuts')).toBe(count - 1)
    })

    test('are bounded for each user, also when many are added at once', async () => {
      const userId = await addTestUser(database())
      for (let i = 1; i < MAX_FAVOURITES; i += 1) await addFavourite(database(), userId, table(`t${i}`))
      const { done, refused } = await runConcurrently((i) => addFavourite(database(), userId, table(`last${i}`)))
      expect(done).toHaveLength(1)
      for (const error of refused) expect(error).toEqual(errorWithCode('invalid-request'))
      await addFavourite(database(), userId, table('t1'))
      expect(await favourites(userId)).toHaveLength(MAX_FAVOURITES)
      await removeFavourite(database(), userId, table('t1'))
      await addFavourite(database(), userId, table('another'))
      expect(await favourites(userId)).toHaveLength(MAX_FAVOURITES)
    })

    test('are the last visits, each thing once', async () => {
      const userId = await addTestUser(database())
      const before = await countRows(database(), 'shortcuts')
      await addFavourite(database(), userId, table('v0'))
      for (let i = 0; i < MAX_VISITS + 5; i += 1) await recordVisit(database(), userId, table(`v${i}`))
      const last = await visits(userId)
      for (let i = 0; i < 3; i += 1) await recordVisit(database(), userId, table(`v${MAX_VISITS}`))
      expect(last).toHaveLength(MAX_VISITS)
      expect(await visits(userId)).toHaveLength(MAX_VISITS)
      // The favourite stays when its visit is forgotten.
      expect(await favourites(userId)).toMatchObject([{ name: 'v0' }])
      expect((await countRows(database(), 'shortcuts')) - before).toBeLessThanOrEqual(MAX_VISITS + 1)
    })
  })
}
