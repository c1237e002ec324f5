import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { buildIfStale } from '../../../scripts/build.ts'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { bundleMain, startMain } from '@/testing/processes/main-process'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestDatabase, startSharedPostgres, type TestDatabase } from '@/testing/databases/test-postgres'
import { openPostgres } from '@/server/db/postgres/open'
import { isWorkerAlive } from '@/server/db/jobs/workers'

/** Two machines: the command line is on one, the worker on the other. They share a database and a bucket. */

const WAIT = { timeout: 100_000, interval: 50 }
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const server = await installOrSkip('PostgreSQL', () => startSharedPostgres('newest'))
const s3 = new S3StandIn()
const endpoint = await s3.start()

let folder: string
let cli: string
let worker: string
let postgres: TestDatabase | null = null
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-two-homes-'))
  await buildIfStale()
  ;[cli, worker] = await Promise.all([
    bundleMain('cli', 'cli-of-two-homes'),
    bundleMain('worker', 'worker-of-two-homes'),
  ])
  postgres = server && (await createTestDatabase(server))
})
afterAll(async () => {
  await postgres?.drop()
  await s3.stop()
  for (const made of [cli, worker, folder]) rmSync(made, { recursive: true, force: true })
})

const at = (name: string) => path.join(folder, name)
const settings = (home: string) => ({
  LAKESHORE_HOME: at(home),
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: endpoint,
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  LAKESHORE_DATABASE_URL: postgres?.url ?? '',
  LAKESHORE_SECRET: 'a-secret-of-many-different-characters-0',
  LAKESHORE_SEALING_KEY: 'a-sealing-key-of-different-characters-1',
  LAKESHORE_LOG_LEVEL: 'error',
})

async function lakeshore(...verb: string[]) {
  const ran = startMain(cli, verb, settings('one'))
  const code = await ran.ended
  return { code, out: ran.out, said: ran.said.join('\n') }
}

async function startWorker(): Promise<void> {
  const started = startMain(worker, [], settings('two'))
  const database = await openPostgres(
    {
      url: postgres?.url ?? '',
      schema: 'lakeshore',
      poolSize: 2,
      statementTimeoutMs: 30_000,
    },
    SILENT_LOG,
  )
  onTestFinished(async () => {
    started.process.kill('SIGTERM')
    expect(await started.ended).toBe(0)
    await database.close()
  })
  await vi.waitUntil(() => isWorkerAlive(database), WAIT)
}

describe.skipIf(server === null)('A load on two machines (skipped if PostgreSQL is not available)', () => {
  it('reads its input from the bucket and lists rejected rows there', async () => {
    expect((await lakeshore('init')).code).toBe(0)
    await startWorker()
    writeFileSync(at('schema.json'), JSON.stringify(SCHEMA))
    s3.objects.set('lake/wh/inbox/rows.csv', Buffer.from('id\n1\nx\n3\n'))
    const file = ['--file', 's3://lake/wh/inbox/rows.csv']

    const failed = await lakeshore('ingest', '--table', 'a.t', ...file, '--create-schema', at('schema.json'))
    const [, location = '', runId = ''] = /rejectsFile: (\S+\/(\w+)\.ndjson)/.exec(failed.said) ?? []
    expect([failed.code, location]).toEqual([1, `s3://lake/wh/.lakeshore/rejects/${runId}.ndjson`])
    const listed = { line: 3, column: 'id', value: 'x' }
    expect(JSON.parse((await lakeshore('jobs', 'rejects', runId)).out.join(''))).toMatchObject(listed)

    const create = ['--create-schema', at('schema.json'), '--allow-rejects']
    const loaded = await lakeshore('ingest', '--table', 'a.t', ...file, ...create)
    expect(loaded.code).toBe(0)
    const outcome = JSON.parse(loaded.out.join('')) as { runId: string; rowsCommitted: number }
    expect(outcome).toMatchObject({ rowsCommitted: 2, rowsRejected: 1 })
    expect(JSON.parse((await lakeshore('jobs', 'rejects', outcome.runId)).out.join(''))).toMatchObject(listed)

    expect([existsSync(path.join(at('one'), 'staging')), existsSync(path.join(at('two'), 'staging'))]).toEqual([
      false,
      true,
    ])
    expect(s3.objects.get('lake/wh/inbox/rows.csv')).toBeDefined()
  })

  it('is refused for a file on one of them, and for one outside the warehouse', async () => {
    writeFileSync(at('rows.csv'), 'id\n1\n')
    const local = await lakeshore('ingest', '--table', 'a.u', '--file', at('rows.csv'))
    expect([local.code, local.said]).toEqual([
      1,
      expect.stringContaining(
        `${at('rows.csv')} is a file on this machine, and the worker may run on another. Nothing was queued. Put the file ` +
          'into the warehouse and give its location, such as --file s3://lake/wh/inbox/rows.csv, or set LAKESHORE_SHARED_FILES',
      ),
    ])
    const other = await lakeshore('ingest', '--table', 'a.u', '--file', 's3://other/rows.csv')
    expect([other.code, other.said]).toEqual([1, expect.stringContaining('not allowed to read this location')])
    expect((await lakeshore('jobs', 'list')).out.filter((line) => line.includes('a.u'))).toEqual([])
  })
})
