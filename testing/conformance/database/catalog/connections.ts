import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { type ConnectionSettings, connectionSettings } from '@/lib/contract/connections'
import { auditChange } from '@/server/db/audit'
import {
  deleteUserCredentials,
  findUserCredentials,
  deleteConnectionCredentials,
  saveUserCredentials,
} from '@/server/db/catalog/connection-credentials'
import {
  deleteConnection,
  findConnection,
  findConnectionByName,
  insertConnection,
  saveTestResult,
  newConnectionId,
  readConnections,
  updateConnection,
} from '@/server/db/catalog/connections'
import {
  runConcurrently,
  CONCURRENCY,
  errorWithCode,
  countRows,
  LONG_TEXT,
  addTestUser,
  type OpenDatabase,
  setUpDatabase,
  TEXTS,
} from '../testbed'

const audit = () =>
  auditChange({
    actor: { userId: 'u', username: 'ada' },
    action: 'connection',
    table: null,
    tableUuid: null,
    before: null,
    after: null,
    requestId: null,
    undoes: null,
  })

const REST: ConnectionSettings = connectionSettings.parse({
  kind: 'rest',
  uri: 'https://catalog.example/it%27s?a=b',
  warehouse: 's3://b/it\'s \\ "x" \0',
  prefix: null,
  auth: { kind: 'none' },
  headerNames: ['x-a'],
  delegation: 'none',
  storage: null,
  mappings: [{ from: '%', to: '_' }],
  ownCredentials: 'off',
})
const FILES: ConnectionSettings = connectionSettings.parse({
  kind: 'files',
  tables: [{ namespace: 'a.b\x1Fc', table: 't', metadataLocation: 'file:///lake/t' }],
  storage: { kind: 'local', roots: ['file:///lake'] },
  mappings: [],
})

export function describeConnections(open: OpenDatabase): void {
  describe('Connections', () => {
    const database = setUpDatabase(open)
    const edit = (name: string, settings = REST, connectionId = newConnectionId()) => ({
      connectionId,
      name,
      settings,
      sealed: { token: LONG_TEXT, 'header:x-a': "it's" },
      editedBy: 'ada',
    })
    async function insert(name: string, settings = REST) {
      const connection = edit(name, settings)
      await insertConnection(database(), connection, [])
      return connection
    }

    test.each([
      ['Lake-1', REST],
      ['files_1', FILES],
    ])('are found by their id and by their name in any case: %s', async (name, settings) => {
      const connection = await insert(name, settings)
      const found = await findConnection(database(), connection.connectionId)
      expect(found).toEqual({
        connectionId: connection.connectionId,
        name,
        settings,
        sealed: connection.sealed,
        version: 1,
        createdBy: 'ada',
        createdAtMs: expect.any(Number),
        changedBy: 'ada',
        changedAtMs: found?.createdAtMs,
        lastTest: null,
      })
      for (const spelling of [name, name.toUpperCase(), name.toLowerCase()])
        expect(await findConnectionByName(database(), spelling)).toEqual(found)
      expect(await findConnection(database(), 'none')).toBeNull()
    })

    test('have names that match no other text', async () => {
      for (const name of ['lake%1', 'lake_1', 'la\u212Ae-1', 'lake-1 ', ...TEXTS])
        expect(await findConnectionByName(database(), name)).toBeNull()
    })

    test('are listed by name, ignoring case', async () => {
      for (const name of ['Zed', 'b', 'a-b', 'A_b', 'a0', 'ab', 'B1', '9', '10']) await insert(name)
      const names = (await readConnections(database())).map(({ name }) => name.toLowerCase())
      expect(names).toEqual(names.toSorted())
      expect(names).toEqual(expect.arrayContaining(['10', '9', 'a-b', 'a0', 'a_b', 'ab', 'b', 'b1', 'zed']))
    })

    test('are added once under one name', async () => {
      const names = ['race', 'Race', 'RACE']
      const { done, refused } = await runConcurrently((i) =>
        insertConnection(database(), edit(names[i % names.length] ?? ''), [audit()]),
      )
      expect(done).toHaveLength(1)
      expect(refused).toEqual(Array(CONCURRENCY - 1).fill(errorWithCode('already-exists')))
      expect(await countRows(database(), 'audit')).toBe(1)
    })

    test('are changed only if unchanged since they were read', async () => {
      const connection = await insert('changed')
      const test = { atMs: 5, steps: [{ step: 'login' as const, state: 'ok' as const, detail: 'nul \0' }] }
      const tested = await findConnection(database(), connection.connectionId)
      if (!tested) throw new Error('it is not there')
      await saveTestResult(database(), tested, test, [])
      expect((await findConnection(database(), connection.connectionId))?.lastTest).toEqual(test)
      const other = { ...edit('Changed', FILES, connection.connectionId), sealed: {}, editedBy: 'bob' }
      await updateConnection(database(), other, 1, [audit()])
      const changed = { name: 'Changed', settings: FILES, sealed: {}, version: 2, changedBy: 'bob', lastTest: null }
      expect(await findConnection(database(), connection.connectionId)).toMatchObject({ ...changed, createdBy: 'ada' })
      await saveTestResult(database(), tested, test, [])
      expect(await findConnection(database(), connection.connectionId)).toMatchObject(changed)
      const audits = await countRows(database(), 'audit')
      await expect(updateConnection(database(), connection, 1, [audit()])).rejects.toThrow(
        errorWithCode('version-conflict'),
      )
      await expect(updateConnection(database(), edit('none'), 1, [audit()])).rejects.toThrow(errorWithCode('not-found'))
      await insert('Taken')
      await expect(updateConnection(database(), { ...connection, name: 'tAKEN' }, 2, [audit()])).rejects.toThrow(
        errorWithCode('already-exists'),
      )
      expect(await countRows(database(), 'audit')).toBe(audits)
      await updateConnection(database(), { ...connection, name: 'changed' }, 2, [])
      expect(await findConnection(database(), connection.connectionId)).toMatchObject({ name: 'changed', version: 3 })
    })

    test('are changed by one of many concurrent writers, and one gets a contested name', async () => {
      const [one] = [await insert('one')]
      const { done, refused } = await runConcurrently((i) =>
        updateConnection(database(), { ...one, editedBy: `w${i}` }, 1, []),
      )
      expect(done).toHaveLength(1)
      expect(refused).toEqual(Array(CONCURRENCY - 1).fill(errorWithCode('version-conflict')))
      const many: Awaited<ReturnType<typeof insert>>[] = []
      for (let i = 0; i < CONCURRENCY; i += 1) many.push(await insert(`many-${i}`))
      const renamed = await runConcurrently((i) => {
        const connection = many[i]
        if (!connection) throw new Error('it is not there')
        return updateConnection(database(), { ...connection, name: i % 2 ? 'Wanted' : 'wanted' }, 1, [])
      })
      expect(renamed.done).toHaveLength(1)
      expect(renamed.refused).toEqual(Array(CONCURRENCY - 1).fill(errorWithCode('already-exists')))
    })

    test('are removed with the credentials of all users', async () => {
      const [gone, remaining] = [await insert('gone'), await insert('kept')]
      const userId = await addTestUser(database())
      for (const { connectionId } of [gone, remaining])
        await saveUserCredentials(database(), { connectionId, userId, sealed: 's' }, [])
      await deleteConnection(database(), gone.connectionId, [audit()])
      expect(await findConnection(database(), gone.connectionId)).toBeNull()
      expect(await findUserCredentials(database(), gone.connectionId, userId)).toBeNull()
      expect(await findUserCredentials(database(), remaining.connectionId, userId)).not.toBeNull()
      const audits = await countRows(database(), 'audit')
      await expect(deleteConnection(database(), gone.connectionId, [audit()])).rejects.toThrow(
        errorWithCode('not-found'),
      )
      expect(await countRows(database(), 'audit')).toBe(audits)
    })
  })

  describe('Credentials of users', () => {
    const database = setUpDatabase(open)

    test('are bound, replaced and removed', async () => {
      const [ada, bob] = [await addTestUser(database()), await addTestUser(database())]
      const connection = { connectionId: newConnectionId(), name: 'lake', settings: REST, sealed: {}, editedBy: 'ada' }
      await insertConnection(database(), connection, [])
      const { connectionId } = connection
      const findOwn = (userId: string) => findUserCredentials(database(), connectionId, userId)
      const put = (userId: string, sealed: string) =>
        saveUserCredentials(database(), { connectionId, userId, sealed }, [audit()])
      expect(await findOwn(ada)).toBeNull()
      expect(await put(ada, "it's")).toEqual([1, 1])
      const first = await findOwn(ada)
      expect(first).toMatchObject({ sealed: "it's", credentialsId: expect.any(String) })
      expect(Math.abs((first?.storedAtMs ?? 0) - database().nowMs())).toBeLessThan(60_000)
      expect(await put(ada, LONG_TEXT)).toEqual([1, 1])
      const second = await findOwn(ada)
      expect(second?.sealed).toBe(LONG_TEXT)
      expect(second?.credentialsId).not.toBe(first?.credentialsId)
      await runConcurrently((i) => put(bob, `bound ${i}`))
      expect((await findOwn(bob))?.sealed).toMatch(/^bound/)
      expect(await deleteUserCredentials(database(), { connectionId, userId: bob }, [audit()])).toEqual([1, 1])
      expect(await deleteUserCredentials(database(), { connectionId, userId: bob }, [])).toEqual([0])
      expect(await findOwn(ada)).toEqual(second)
      await put(bob, 'again')
      expect(await database().commit([deleteConnectionCredentials(connectionId)])).toEqual([2])
      expect([await findOwn(ada), await findOwn(bob)]).toEqual([null, null])
      await put(bob, 'of a removed user')
      await database().commit([rawChange('DELETE FROM users WHERE id = ?', [bob], 1)])
      expect(await findOwn(bob)).toBeNull()
      const unknownConnection = { connectionId: 'none', userId: ada, sealed: 's' }
      await expect(saveUserCredentials(database(), unknownConnection, [])).rejects.toThrow(/foreign key/i)
    })
  })
}
