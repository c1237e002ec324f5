import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { queueRun, readRun } from '@/server/db/jobs/runs'
import { recordsLocation } from '@/server/ingest/run/rejects/rejected-records-file'
import { runLakeshore } from './lakeshore'

const home = createTestHome()

async function lakeshore(...args: string[]) {
  const out: string[] = []
  const said: string[] = []
  const code = await runLakeshore(
    ['jobs', ...args],
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

const queue = () =>
  queueRun(home.database, {
    kind: 'test',
    title: 'Test it',
    spec: {},
    actor: COMMAND_LINE,
    table: { catalog: 'local', namespace: ['a', 'b'], table: 't' },
  })

it('lists runs, cancels one and retries it', async () => {
  const id = await queue()
  const queued = new Date((await readRun(home.database, id))?.createdAtMs ?? 0).toISOString()
  expect(await lakeshore('list')).toEqual({
    code: 0,
    out: [`${id}\tqueued\t0\ttest\ta.b.t\tTest it\t${queued}\t–\t–\t–`],
    said: 'run\tstate\tattempt\tkind\ttable\ttitle\tqueued\tstarted\tended\twarnings',
  })
  expect(await lakeshore('cancel', id)).toMatchObject({ code: 0, said: 'The run was cancelled.' })
  const { code, out } = await lakeshore('retry', id)
  expect(code).toBe(0)
  expect(await readRun(home.database, out[0] ?? '')).toMatchObject({
    state: 'queued',
    title: 'Test it',
    actor: { userId: COMMAND_LINE.userId, username: COMMAND_LINE.username, role: COMMAND_LINE.role },
  })
  expect((await lakeshore('list', '--limit', '1')).out).toHaveLength(1)
})

it('lists runs by the titles of their kinds', async () => {
  const task = { title: 'Index local for search', spec: {}, actor: COMMAND_LINE, table: null }
  const id = await queueRun(home.database, { ...task, kind: 'index-catalog' })
  const [line] = (await lakeshore('list', '--limit', '1')).out
  expect(line?.split('\t').slice(0, 6)).toEqual([
    id,
    'queued',
    '0',
    'Search index of a catalog',
    '–',
    'Index local for search',
  ])
})

it('says that a running run is stopping, and that a cancel of an ended run comes too late', async () => {
  const id = await queue()
  const setState = (state: string) =>
    home.database.commit([rawChange('UPDATE runs SET state = ? WHERE id = ?', [state, id])])
  await setState('running')
  expect((await lakeshore('cancel', id)).said).toContain('The run is stopping.')
  await setState('succeeded')
  expect((await lakeshore('cancel', id)).said).toBe('The cancel came too late: the run has already succeeded.')
  await setState('failed')
  expect((await lakeshore('cancel', id)).said).toBe('The cancel came too late: the run has already failed.')
})

it('writes the rejected records of a load to a new file', async () => {
  const { config, database, services } = home
  const id = await queue()
  await services.stores.warehouseStore().writeNew(recordsLocation(config, id), Buffer.from('id\nx\xff\n', 'latin1'))
  const folder = mkdtempSync(path.join(tmpdir(), 'records-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'rejected.csv')
  const save = () => lakeshore('rejects', id, '--save-records', file)
  expect(await save()).toMatchObject({ code: 1, said: expect.stringContaining('saved no rejected rows') })
  await database.commit([rawChange('UPDATE runs SET outcome = ? WHERE id = ?', ['{"recordsSaved":1}', id])])
  expect(await save()).toMatchObject({ code: 0 })
  expect(readFileSync(file, 'latin1')).toBe('id\nx\xff\n')
  expect(await save()).toMatchObject({ code: 1, said: expect.stringContaining('exists already') })
})

it('says why a command failed', async () => {
  const id = await queue()
  expect(await lakeshore('retry', id)).toMatchObject({ code: 1, said: expect.stringContaining('this run is queued') })
  expect(await lakeshore('cancel', 'nothing')).toMatchObject({
    code: 1,
    said: expect.stringContaining('no run nothing'),
  })
})

it.each([
  [[], 'no action given'],
  [['stop'], 'unknown action "stop": use list, cancel, retry'],
  [['cancel'], 'the run id is missing'],
  [['cancel', 'a', 'b'], 'unexpected argument "b"'],
  [['list', 'a'], 'unexpected argument "a"'],
  [['list', '--limit', 'many'], '--limit takes a whole number, not "many"'],
  [['cancel', 'a', '--limit', '1'], '--limit belongs to jobs list'],
  [['list', '--save-records', 'a.csv'], '--save-records belongs to jobs rejects'],
])('names what is wrong with: lakeshore jobs %j', async (args, words) => {
  const { code, said } = await lakeshore(...args)
  expect([code, said]).toEqual([2, expect.stringContaining(words)])
})
