import { describe, expect, test } from 'vitest'
import {
  addPendingFiles,
  confirmFilesChange,
  countLoadedFiles,
  dropPendingFilesChange,
  listPendingRuns,
  readLoadedFiles,
  removeLoadedFiles,
} from '@/server/db/jobs/loaded-files'
import { createSchedule } from '@/server/db/jobs/schedules'
import { MAX_INTEGER, NAMES, type OpenDatabase, setUpDatabase } from '@/testing/conformance/database/testbed'
import { newRun } from './jobs'

const file = (path: string, version = 'v') => ({
  location: 'landing',
  path,
  version,
  sizeBytes: MAX_INTEGER,
  modifiedAtMs: null,
})

export function describeLoadedFiles(open: OpenDatabase): void {
  describe('Files of saved loads', () => {
    const database = setUpDatabase(open)
    const create = (id: string) =>
      createSchedule(
        database(),
        {
          ...newRun({ exclusiveKey: null }),
          id,
          ownerId: 'u',
          cron: '',
          timeZone: '',
          isEnabled: true,
          nextAtMs: null,
          startsBy: 'hand',
          watchedTables: [],
        },
        { hasNoLimit: true },
      )
    const read = (scheduleId: string, paths: readonly string[] = NAMES) =>
      readLoadedFiles(database(), { scheduleId, location: 'landing', paths })

    test('count as loaded once they are confirmed, under any path', async () => {
      await create('s')
      const files = NAMES.map((path) => file(path))
      expect(await addPendingFiles(database(), { scheduleId: 's', runId: 'r1' }, files)).toBe(true)
      expect((await read('s')).size).toBe(0)
      expect(await listPendingRuns(database(), 's')).toEqual(['r1'])
      await database().commit([confirmFilesChange('s', 'r1')])
      const loaded = await read('s')
      expect([...loaded.keys()].toSorted()).toEqual([...new Set(NAMES)].toSorted())
      expect(loaded.get('a')).toEqual([file('a')])
      expect(await listPendingRuns(database(), 's')).toEqual([])
    })

    test('have several versions, of which those of a failed run are forgotten', async () => {
      await addPendingFiles(database(), { scheduleId: 's', runId: 'r2' }, [file('a', 'w')])
      await database().commit([dropPendingFilesChange('s', 'r2')])
      expect((await read('s', ['a'])).get('a')).toHaveLength(1)
      await addPendingFiles(database(), { scheduleId: 's', runId: 'r3' }, [file('a', 'w'), file('a')])
      await database().commit([confirmFilesChange('s', 'r3')])
      expect((await read('s', ['a'])).get('a')?.map(({ version }) => version)).toEqual(['v', 'w'])
    })

    test('belong to their schedule, and are not recorded without one', async () => {
      await create('other')
      expect((await read('other')).size).toBe(0)
      expect(await addPendingFiles(database(), { scheduleId: 'none', runId: 'r' }, [file('a')])).toBe(false)
      const before = await countLoadedFiles(database(), 's')
      await removeLoadedFiles(database(), 'other')
      expect(await countLoadedFiles(database(), 's')).toBe(before)
      await removeLoadedFiles(database(), 's')
      expect(await countLoadedFiles(database(), 's')).toBe(0)
    })
  })
}
