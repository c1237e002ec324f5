import { describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '@/server/db/database'
import { readSharedSettings, replaceSharedSettings, settleSharedSettings } from '@/server/db/shared-settings'
import { runConcurrently, CONCURRENCY, type OpenDatabase } from './testbed'

export function describeSharedSettings(open: OpenDatabase): void {
  describe('Settings that processes share', () => {
    const openDatabase = async (): Promise<Database> => {
      const database = await open()
      onTestFinished(() => database.close())
      return database
    }

    test('are all set by the first of many processes that start at once', async () => {
      const database = await openDatabase()
      const { done, refused } = await runConcurrently((i) =>
        settleSharedSettings(database, { key: `key-${i}`, location: `location-${i}` }),
      )
      expect(refused).toEqual([])
      expect(done).toHaveLength(CONCURRENCY)
      const [first] = done
      expect(first?.key?.slice('key-'.length)).toBe(first?.location?.slice('location-'.length))
      for (const settled of done) expect(settled).toEqual(first)
      expect(await readSharedSettings(database)).toEqual(first)
    })

    test('gain the settings of a later version, and keep their values', async () => {
      const database = await openDatabase()
      await settleSharedSettings(database, { key: 'a' })
      expect(await settleSharedSettings(database, { key: 'b', location: 'p' })).toEqual({ key: 'a', location: 'p' })
    })

    test('are replaced one by one', async () => {
      const database = await openDatabase()
      await settleSharedSettings(database, { key: 'a', location: 'p' })
      await replaceSharedSettings(database, { key: 'b' })
      expect(await readSharedSettings(database)).toEqual({ key: 'b', location: 'p' })
    })
  })
}
