import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { readLog } from '@/server/db/jobs/run-logs'
import { readRun } from '@/server/db/jobs/runs'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { findStrayFiles, openTestCatalog } from '@/testing/catalogs/test-catalog'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { useShortPauses } from '@/testing/clock'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import type { ReceivedRequest } from '@/testing/stores/store-stand-in'
import { stageInput } from '../stage/stage-input'
import { ingestRuns } from './ingest-run'
import { INGEST, queueIngest, toFileLocation } from './ingest-spec'

/** A store that answers each request with 503 for longer than any client or run retries. */

const s3 = new S3StandIn()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
afterAll(() => s3.stop())

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const SOON = { timeout: 50_000, interval: 5 }
const UNAVAILABLE = { kind: 'answer', status: 503, code: 'ServiceUnavailable' } as const

/** From the first request that matches on, no request is answered. */
function beginOutage(matches: RegExp): void {
  s3.faultFor = ({ method, path: requested }: ReceivedRequest) => {
    if (!matches.test(`${method} ${requested}`)) return null
    s3.faultFor = () => UNAVAILABLE
    return UNAVAILABLE
  }
}

it.each([
  ['is about to write its data file', /^PUT .*\/data\//],
  ['is about to write its manifest list', /^PUT .*\/snap-/],
  ['is about to write its metadata file', /^PUT .*\/metadata\/\d+-.*\.json$/],
])('A load that %s waits for the store, and adds its rows once', async (step, matches) => {
  useShortPauses()
  const table = { catalog: home.config.catalogName, namespace: ['ns'], table: step.replaceAll(' ', '_') }
  await loadCsv(home.services, table, 'id\n1\n', { schema: SCHEMA })
  const file = path.join(home.config.homeDir, `${table.table}.csv`)
  writeFileSync(file, 'id\n9007199254740993\n')
  const spec = {
    input: [{ location: toFileLocation(file) }],
    format: 'csv',
    ignoreExtra: false,
    maxRejectedRows: 0,
    create: null,
  } as const
  beginOutage(matches)
  const id = await queueIngest(home.database, table, spec, COMMAND_LINE)
  const stop = new AbortController()
  const kinds = { [INGEST]: ingestRuns(home.services, (request, { onProgress }) => stageInput(request, onProgress)) }
  const loop = runWorkerLoop(home.services, { kinds, concurrency: 1, signal: stop.signal, pollMs: 5, renewMs: 20 })
  /** Without the pauses between attempts. */
  const readRunSoon = async () => {
    const released = "UPDATE runs SET lease_until_ms = 0 WHERE state = 'running' AND lease_owner IS NULL"
    await home.database.commit([
      rawChange(released),
      rawChange('UPDATE runs SET next_attempt_at_ms = 0 WHERE next_attempt_at_ms IS NOT NULL'),
    ])
    return readRun(home.database, id)
  }
  try {
    await vi.waitUntil(async () => ((await readRunSoon())?.retries ?? 0) >= 6, SOON)
    expect((await readLog(home.database, id, 0, 100)).map(({ text }) => text)).toContainEqual(
      expect.stringContaining('The run is cleaned up when it answers again'),
    )
    s3.faultFor = () => null
    await vi.waitUntil(async () => (await readRunSoon())?.finishedAtMs != null, SOON)
  } finally {
    stop.abort()
    await loop
  }
  expect(await readRun(home.database, id)).toMatchObject({ state: 'succeeded', journal: null })
  const rows = await readTableRows(await (await openTestCatalog(home.services)).loadTable(table))
  const ids = rows.map((row) => (JSON.parse(row) as unknown[])[0])
  expect([ids.length, new Set(ids)]).toEqual([2, new Set(['1', '9007199254740993'])])
  const objects = [...s3.objects.keys()]
    .filter((name) => name.includes(`/${table.table}/`))
    .map((name) => `s3://${name}`)
  expect(await findStrayFiles(home.services, objects)).toEqual([])
})
