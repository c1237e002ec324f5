import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { stageInput } from '../stage/stage-input'
import { ingestRuns } from './ingest-run'
import { INGEST, type IngestSpec, queueIngest, toFileLocation } from './ingest-spec'
import { findRejectedRecords } from './rejects/rejected-records-file'
import { countRows, parseRejects, readRejectPage } from './rejects/run-rejects'

const home = createTestHome()
const FIELDS = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'name', required: false, type: 'string' },
] as const

async function load({ identifier }: LandingTable, name: string, text: string, more: Partial<IngestSpec>) {
  const file = path.join(mkdtempSync(path.join(home.config.homeDir, 'in-')), name)
  writeFileSync(file, text)
  const spec = { format: 'json' as const, ignoreExtra: false, maxRejectedRows: 0, create: null }
  const input = [{ location: toFileLocation(file) }]
  const id = await queueIngest(home.database, identifier, { ...spec, input, ...more }, COMMAND_LINE)
  const stage = ingestRuns(home.services, (request, { onProgress }) => stageInput(request, onProgress))
  return runQueuedRun(home.services, id, { [INGEST]: stage })
}

it('Rejected records of an array on one line are corrected and loaded again without doubling a row', async () => {
  const table = await LandingTable.create(home.services, { fields: FIELDS })
  const text =
    '[{"id":1,"name":"a"},{"id":"x","name":"bad"},{"id":2,"name":"c"},{"id":"y","name":"d"},{"id":3,"name":"e"}]'
  const run = await load(table, 'j1.json', text, { maxRejectedRows: 10 })
  expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 3, rowsRejected: 2, recordsSaved: 2 } })
  const page = await readRejectPage(home.services, run, { offset: 0, limit: 10 })
  const inList = { file: 'j1.json', line: 1, column: 'id', reason: 'is not a whole number such as 1204' }
  expect(page).toMatchObject({ totalCount: 2, listedRowCount: 2 })
  expect(page.rejects).toEqual([
    { ...inList, record: 2, value: 'x', text: '{"id":"x","name":"bad"}', part: { start: 6, end: 9 } },
    { ...inList, record: 4, value: 'y', text: '{"id":"y","name":"d"}', part: { start: 6, end: 9 } },
  ])
  const { sizeBytes, open } = await findRejectedRecords(home.services, run, new AbortController().signal)
  const saved = await new Response(await open({ start: 0, end: sizeBytes })).text()
  const corrected = saved.replace('"x"', '4').replace('"y"', '5')
  const correction = await load(table, 'rec.ndjson', corrected, { format: 'ndjson', correctsRunId: run.id })
  expect(correction).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 2 } })
  expect((await table.rows()).map(([id]) => Number(id)).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
})

it('A list without records counts the lines of its files', () => {
  const list = [
    { line: 1, column: 'a', value: 'x', reason: 'r' },
    { line: 1, column: 'b', value: 'x', reason: 'r' },
    { file: 'b.json', line: 1, column: 'a', value: 'x', reason: 'r', text: '{}' },
  ]
  expect(countRows(parseRejects(list.map((reject) => `${JSON.stringify(reject)}\n`).join('')))).toBe(2)
})
