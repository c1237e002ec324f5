import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileRepeats } from '@/lib/ingest/file-repeats'
import { COMMAND_LINE } from '@/server/auth/command-line'
import {
  addPendingFiles,
  confirmFilesChange,
  countLoadedFiles,
  readLoadedFiles,
  removeLoadedFiles,
} from '@/server/db/jobs/loaded-files'
import { createSchedule } from '@/server/db/jobs/schedules'
import type { TableWrite } from '@/server/table-writes/table-write'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { createTestLocations } from '@/testing/ingest/test-locations'
import type { IngestJournal } from './ingest-journal'
import { NewFiles } from './new-files'

const locations = await createTestLocations()
const home = createTestHome(locations.settings)
afterAll(() => locations.remove())
beforeAll(async () => {
  await createSchedule(
    home.database,
    {
      id: 'saved',
      kind: 'ingest',
      title: 'Saved',
      spec: {},
      actor: COMMAND_LINE,
      table: null,
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
})

/** Lists the files of a run, as it would before it reads them. */
async function list(
  input: ConstructorParameters<typeof NewFiles>[2]['input'],
  repeats: Partial<FileRepeats> = {},
  runId = 'r',
) {
  const lines: string[] = []
  const write = {
    run: { id: runId },
    log: (text: string) => lines.push(text),
    signal: new AbortController().signal,
  } as unknown as TableWrite<IngestJournal>
  const saved = { scheduleId: 'saved', newFilesOnly: true, changedFiles: 'report', ...repeats } as const
  const files = new NewFiles(home.services, write, { input, saved, summary: {} })
  const chosen = await files.listInput()
  return { chosen, counts: files.fileCounts, lines, files }
}

describe('The new files of a saved load', () => {
  it('are as many as a load has, and the others are left for the next run', async () => {
    for (let i = 0; i < 1_002; i += 1) locations.put('landing', `many/${i}.csv`, 'id\n')
    const { chosen, counts, lines } = await list([{ loadLocation: 'landing', match: 'many/*.csv' }])
    expect(chosen).toHaveLength(1_000)
    expect(counts).toEqual({ newFileCount: 1_000, changedFileCount: 0, remainingFileCount: 2 })
    expect(lines).toEqual([
      '1,002 files found, 1,000 new files.',
      'A load has at most 1,000 files: 2 new files left for the next run.',
    ])
  })

  it('are listed once, whichever inputs name them, and may be none', async () => {
    locations.put('landing', 'twice/a.csv', 'id\n')
    const inputs = [
      { loadLocation: 'landing', path: 'twice/a.csv' },
      { loadLocation: 'landing', match: 'twice/*' },
    ]
    expect((await list(inputs)).chosen).toEqual([{ loadLocation: 'landing', path: 'twice/a.csv' }])
    const none = await list([{ loadLocation: 'landing', match: 'none/*' }])
    expect(none).toMatchObject({ chosen: [], lines: ['0 files found, no new files.'] })
  })

  it('do not count as loaded until the run that recorded them has succeeded', async () => {
    locations.put('landing', 'pending/a.csv', 'id\n')
    const input = [{ loadLocation: 'landing', match: 'pending/*' }]
    const first = await list(input, {}, 'first')
    const version = { sizeBytes: 2, version: 'v1' }
    await first.files.beforeCommit([{ location: 'landing', path: 'pending/a.csv', version }])
    expect((await list(input, {}, 'second')).chosen).toHaveLength(1)
    expect(await countLoadedFiles(home.database, 'saved')).toBe(0)
    await first.files.beforeCommit([{ location: 'landing', path: 'pending/a.csv', version }])
    await home.database.commit([confirmFilesChange('saved', 'first')])
    expect(await list(input, {}, 'third')).toMatchObject({ chosen: [], counts: { changedFileCount: 1 } })
  })

  it('are forgotten in parts when the load is removed', async () => {
    await home.database.commit([
      rawChange(
        "INSERT INTO loaded_files WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45000) SELECT 'saved', 'l' || i % 3, 'p' || i, 'v', 1, NULL, 'r', 1 FROM n",
      ),
    ])
    expect(await countLoadedFiles(home.database, 'saved')).toBeGreaterThan(45_000)
    await removeLoadedFiles(home.database, 'saved')
    expect(await countLoadedFiles(home.database, 'saved')).toBe(0)
  })
})

it('Files of a schedule that was removed are not recorded', async () => {
  const file = { location: 'l', path: 'p', version: 'v', sizeBytes: 1, modifiedAtMs: null }
  expect(await addPendingFiles(home.database, { scheduleId: 'gone', runId: 'r' }, [file])).toBe(false)
  const loaded = await readLoadedFiles(home.database, { scheduleId: 'gone', location: 'l', paths: ['p'] })
  expect(loaded.size).toBe(0)
})
