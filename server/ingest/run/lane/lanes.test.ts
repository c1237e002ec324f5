import { mkdirSync, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { MAX_SMALL_LOAD_BYTES, MAX_SMALL_LOAD_FILES } from '@/lib/contract/loads/load-lanes'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { type NewRun, queueRun, readRun } from '@/server/db/jobs/runs'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { LandingTable } from '@/testing/ingest/landing-table'
import { createTestHome } from '@/testing/homes/test-home'
import { stageInput } from '../../stage/stage-input'
import { ingestRuns } from '../ingest-run'
import { INGEST, type IngestSpec, toFileLocation } from '../ingest-spec'
import { toIngestRun } from './choose-lane'

const drop = mkdtempSync(path.join(realpathSync(tmpdir()), 'lakeshore-drop-'))
afterAll(() => rmSync(drop, { recursive: true }))
const home = createTestHome({ LAKESHORE_LOAD_LOCATIONS: `drop=file://${drop}`, LAKESHORE_LOAD_HOSTS: 'example.com' })
const OPTIONS = { format: 'csv', ignoreExtra: false, maxRejectedRows: 0, create: null } as const
const TABLE: TableIdentifier = { catalog: 'local', namespace: ['a'], table: 't' }
const FIELDS = [{ id: 1, name: 'id', required: true, type: 'long' }] as const

function write(name: string, text: string): string {
  const file = path.join(home.config.homeDir, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

/** A file without content, of this size. */
function sized(name: string, sizeBytes: number): IngestSpec['input'][number] {
  const file = write(name, '')
  truncateSync(file, sizeBytes)
  return { location: toFileLocation(file) }
}

function toRun(input: IngestSpec['input'], on = TABLE): Promise<NewRun> {
  const signal = new AbortController().signal
  return toIngestRun(home.services, on, { ...OPTIONS, input }, { actor: COMMAND_LINE, signal })
}

describe('A load belongs to', () => {
  const limit = MAX_SMALL_LOAD_BYTES
  const inDrop = (name: string) => (writeFileSync(path.join(drop, name), 'id\n1\n'), { loadLocation: 'drop' })

  test.each<[string, 'small' | 'common', () => IngestSpec['input']]>([
    ['the most bytes', 'small', () => [sized('a.csv', limit)]],
    ['one more', 'common', () => [sized('a.csv', limit + 1)]],
    ['more in two files', 'common', () => [sized('a.csv', limit - 9), sized('b.csv', 10)]],
    ['a sixteenth, compressed', 'small', () => [sized('a.csv.gz', limit / 16)]],
    ['more than that, compressed', 'common', () => [sized('a.ndjson.ZST', limit / 16 + 1)]],
    ['many files', 'common', () => Array.from({ length: MAX_SMALL_LOAD_FILES + 1 }, (_, i) => sized(`${i}.csv`, 1))],
    ['a file of a location', 'small', () => [{ ...inDrop('a.csv'), path: 'a.csv' }]],
    ['a pattern', 'common', () => [{ ...inDrop('a.csv'), match: '*.csv' }]],
    ['a URL', 'common', () => [{ url: 'https://example.com/a.csv' }]],
    ['a missing file', 'common', () => [{ location: toFileLocation('/missing.csv') }]],
    ['an upload that has expired', 'common', () => [{ uploadId: 'none', name: 'a.csv' }]],
  ])('with %s, the lane %s', async (_, lane, input) => {
    expect((await toRun(input())).lane).toBe(lane)
  })
})

test('A small load lands while a large one is read into the same table, and other large ones wait; all rows are there', async () => {
  const table = await LandingTable.create(home.services, { fields: FIELDS })
  const held = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const kinds = {
    [INGEST]: ingestRuns(home.services, async (request, { onProgress }) => {
      if (request.input.path.includes('held')) {
        begun.resolve()
        await held.promise
      }
      return stageInput(request, onProgress)
    }),
  }
  const { database } = home
  const queue = async (name: string, id: number, lane: NewRun['lane'] = 'small') => {
    const input = [{ location: toFileLocation(write(name, `id\n${id}\n`)) }]
    return queueRun(database, { ...(await toRun(input, table.identifier)), lane })
  }
  const stateOf = async (id: string) => (await readRun(database, id))?.state
  const untilSucceeded = (id: string) => vi.waitFor(async () => expect(await stateOf(id)).toBe('succeeded'), WAIT)
  const [large, next] = [await queue('held.csv', 1, 'common'), await queue('next.csv', 2, 'common')]
  const stop = new AbortController()
  const loop = runWorkerLoop(home.services, { kinds, concurrency: 4, signal: stop.signal, pollMs: 5 })
  await begun.promise
  for (const id of [await queue('a.csv', 3), await queue('b.csv', 4)]) await untilSucceeded(id)
  expect([await stateOf(large), await stateOf(next)]).toEqual(['running', 'queued'])
  held.resolve()
  for (const id of [large, next]) await untilSucceeded(id)
  stop.abort()
  await loop
  const rows = await table.rows()
  expect([rows.length, new Set(rows.map(([id]) => id))]).toEqual([4, new Set(['1', '2', '3', '4'])])
})

const WAIT = { timeout: 20_000, interval: 5 }
