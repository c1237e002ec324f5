import { beforeAll, expect, it } from 'vitest'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { readRun } from '@/server/db/jobs/runs'
import { createSchedule, readSchedule } from '@/server/db/jobs/schedules'
import { toSavedLoadTask } from '@/server/ingest/saved-loads/saved-load-spec'
import { planSchedule } from '@/server/jobs/change-schedule'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome } from '@/testing/homes/test-home'
import { runLakeshore } from './lakeshore'

const home = createTestHome({ LAKESHORE_LOAD_LOCATIONS: 'drop=file:///tmp/lakeshore-no-such-drop' })
const TABLE = { catalog: 'local', namespace: ['ns'], table: 't' }
let id: string

async function lakeshore(...args: string[]) {
  const out: string[] = []
  const said: string[] = []
  const code = await runLakeshore(
    ['schedule', ...args],
    {
      print: (line) => out.push(line),
      printMessage: (line) => said.push(line),
      prompt: async () => null,
      signal: new AbortController().signal,
    },
    () => home.services,
  )
  return { code, out, said: said.join('\n') }
}

beforeAll(async () => {
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['ns'], properties: {} })
  await catalog.write({ kind: 'create-table', table: TABLE, schema: ONE_COLUMN_SCHEMA })
  const { metadata } = await catalog.loadTable(TABLE)
  const load = {
    input: [{ loadLocation: 'drop', match: '*.csv' }],
    format: 'csv',
    ignoreExtra: false,
    maxRejectedRows: 0,
    create: null,
  } as const
  const saved = { load, tableUuid: metadata.tableUuid, newFilesOnly: true, changedFiles: 'report' } as const
  const task = toSavedLoadTask(TABLE, 'Nightly', saved)
  const { signal } = new AbortController()
  const { schedule } = await planSchedule(
    home.services,
    { task, cron: '0 2 * * *', timeZone: 'UTC' },
    { actor: TEST_ACTOR, signal },
  )
  await createSchedule(home.database, schedule, { hasNoLimit: true })
  id = schedule.id
})

it('lists, pauses, resumes, runs and removes schedules', async () => {
  const { out } = await lakeshore('list')
  expect(out).toHaveLength(1)
  expect(out[0]).toContain(`${id}\ton\t${COMMAND_LINE.username}\tns.t\t0 2 * * * UTC\t`)
  expect(await lakeshore('pause', id)).toMatchObject({ code: 0, said: 'Nightly is off.' })
  expect((await lakeshore('list')).out[0]).toContain(`${id}\toff`)
  expect(await lakeshore('resume', id)).toMatchObject({ code: 0, said: 'Nightly is on.' })
  const run = await lakeshore('run', id)
  expect(await readRun(home.database, run.out[0] ?? '')).toMatchObject({ scheduleId: id, state: 'queued' })
  expect(await lakeshore('remove', id)).toMatchObject({ code: 0 })
  expect(await readSchedule(home.database, id)).toBeNull()
})

it('says what is missing', async () => {
  expect(await lakeshore()).toMatchObject({ code: 2, said: expect.stringContaining('no action given') })
  expect(await lakeshore('start')).toMatchObject({ code: 2, said: expect.stringContaining('unknown action') })
  expect(await lakeshore('run')).toMatchObject({ code: 2, said: expect.stringContaining('id of the schedule') })
  expect(await lakeshore('run', 'none')).toMatchObject({ code: 1, said: expect.stringContaining('no schedule none') })
})
