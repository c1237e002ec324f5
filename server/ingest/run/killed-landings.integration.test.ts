import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LoadOperation } from '@/lib/ingest/load-landing'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { readRun } from '@/server/db/jobs/runs'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles, openTestCatalog } from '@/testing/catalogs/test-catalog'
import { verifyTable } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { startMain } from '@/testing/processes/main-process'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import type { ReceivedRequest } from '@/testing/stores/store-stand-in'
import { queueIngest, toFileLocation } from './ingest-spec'

/** The built worker with a warehouse in a bucket: killed at each request that writes, and its successor. */

const s3 = new S3StandIn()
const SETTINGS = {
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
}
const home = createTestHome(SETTINGS)

const SCHEMA = {
  type: 'struct',
  'identifier-field-ids': [1],
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'text', required: false, type: 'string' },
  ],
}
/** 2^53 and its neighbours: a number in JavaScript could not tell them apart. */
const KEYS_OF_ROWS = ['9007199254740991', '9007199254740992', '9007199254740993']
const csvOf = (rows: readonly (readonly [string, string])[]) =>
  `id,text\n${rows.map((row) => `${row.join(',')}\n`).join('')}`
/** Generous, because machines may be slow. */
const WAIT = { timeout: 200_000 }

type Worker = ReturnType<typeof startMain>
const running = new Set<Worker>()
function startWorker(): Worker {
  const worker = startMain('build/worker.mjs', [], {
    ...SETTINGS,
    LAKESHORE_HOME: home.config.homeDir,
    LAKESHORE_LOG_LEVEL: 'error',
  })
  running.add(worker)
  void worker.ended.then(() => running.delete(worker))
  return worker
}

beforeAll(async () => {
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['ns'], properties: {} })
})
afterAll(async () => {
  for (const worker of running) worker.process.kill('SIGKILL')
  await Promise.all([...running].map(({ ended }) => ended))
  await s3.stop()
})

const toIdentifier = (table: string) => ({ catalog: home.config.catalogName, namespace: ['ns'], table })

/** A table with one file of three rows. */
async function createTable(table: string): Promise<void> {
  const rows = KEYS_OF_ROWS.map((key) => [key, 'old'] as const)
  await loadCsv(home.services, toIdentifier(table), csvOf(rows), { schema: SCHEMA })
}

/** Loads one row that the table has, and a new one. */
async function queueLoad(table: string, operation: LoadOperation): Promise<string> {
  const file = path.join(home.config.homeDir, `${table}.csv`)
  writeFileSync(
    file,
    csvOf([
      [KEYS_OF_ROWS[1] ?? '', 'new'],
      ['9223372036854775807', 'new'],
    ]),
  )
  const spec = {
    input: [{ location: toFileLocation(file) }],
    format: 'csv',
    ignoreExtra: false,
    maxRejectedRows: 0,
    landing: { operation, branch: 'main' },
    create: null,
  } as const
  return queueIngest(home.database, toIdentifier(table), spec, COMMAND_LINE)
}

/** Kills the worker with the next request that matches, before the store carries it out or after. */
function killAt(worker: Worker, matches: RegExp, isCarriedOut: boolean): Promise<unknown> {
  s3.faultFor = ({ method, path: requested }: ReceivedRequest) => {
    if (!matches.test(`${method} ${requested}`)) return null
    s3.faultFor = () => null
    worker.process.kill('SIGKILL')
    return { kind: isCarriedOut ? 'lose' : 'reset' }
  }
  return worker.ended
}

const RESULTS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  append: [
    ...KEYS_OF_ROWS.map((key) => [key, 'old'] as const),
    ['9007199254740992', 'new'],
    ['9223372036854775807', 'new'],
  ],
  upsert: [
    ['9007199254740991', 'old'],
    ['9007199254740992', 'new'],
    ['9007199254740993', 'old'],
    ['9223372036854775807', 'new'],
  ],
  'replace-table': [
    ['9007199254740992', 'new'],
    ['9223372036854775807', 'new'],
  ],
}

const byText = (rows: readonly (readonly unknown[])[]) =>
  rows.toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))

/** Every step of the load that takes them all, and the first and the last ones of the others. */
const STEPS = [
  { step: 'its data file', at: /^PUT .*\/data\/[^/]*_data_/, operations: ['upsert', 'append'] },
  { step: 'its file of deletes', at: /^PUT .*-deletes_/, operations: ['upsert'] },
  { step: 'a manifest', at: /^PUT .*-m\d+\.avro$/, operations: ['upsert', 'replace-table'] },
  { step: 'its manifest list', at: /^PUT .*\/snap-/, operations: ['upsert'] },
  {
    step: 'its metadata file',
    at: /^PUT .*\/metadata\/\d+-.*\.json$/,
    operations: ['upsert', 'append', 'replace-table'],
  },
] as const
const CASES = STEPS.flatMap(({ step, at, operations }) =>
  operations.flatMap((operation) => [
    { operation, step, at, when: 'before', isCarriedOut: false },
    { operation, step, at, when: 'after', isCarriedOut: true },
  ]),
)

describe('A worker that is killed', () => {
  it.each(CASES)('$when the store writes $step of the load $operation loses and doubles nothing', async (planned) => {
    const { operation, at, isCarriedOut } = planned
    const table = `t${CASES.indexOf(planned)}`
    await createTable(table)
    // The worker that the test before left running, or the first one.
    const dead = killAt([...running].at(-1) ?? startWorker(), at, isCarriedOut)
    const id = await queueLoad(table, operation)
    expect(await dead).toBe('SIGKILL')
    expect(await readRun(home.database, id)).toMatchObject({ state: 'running', attempt: 1 })
    const endLease = "UPDATE runs SET lease_until_ms = 0 WHERE id = ? AND state = 'running'"
    await home.database.commit([rawChange(endLease, [id])])
    startWorker()
    await vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs != null, WAIT)
    expect(await readRun(home.database, id)).toMatchObject({ state: 'succeeded', attempt: 2, journal: null })

    const loaded = await (await openTestCatalog(home.services)).loadTable(toIdentifier(table))
    const rows = (await readTableRows(loaded)).map((row) => (JSON.parse(row) as unknown[]).slice(0, 2))
    expect(byText(rows)).toEqual(byText(RESULTS[operation] ?? []))
    expect((await verifyTable(home.services, toIdentifier(table))).log).toHaveLength(2)
    const objects = [...s3.objects.keys()].filter((name) => name.startsWith('lake/wh/')).map((name) => `s3://${name}`)
    const stray = (await findStrayFiles(home.services, objects)).filter((file) => file.includes(`/${table}/`))
    expect(stray).toEqual([])
  })
})
