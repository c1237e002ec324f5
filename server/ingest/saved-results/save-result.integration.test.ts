import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it, test } from 'vitest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { Role } from '@/lib/permissions'
import { deleteGrantChange, putGrantChanges } from '@/server/db/auth/grants'
import { listAudit } from '@/server/db/audit-list'
import { readLog } from '@/server/db/jobs/run-logs'
import { type Run, readRun, requestCancel } from '@/server/db/jobs/runs'
import { createReadFetch } from '@/server/endpoints/query-reads'
import { retryRun } from '@/server/jobs/change-run'
import { followRun } from '@/server/jobs/follow-run'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import { buildWireRun } from '@/server/jobs/run-view'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { actorFor } from '@/server/auth/actor'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles } from '@/testing/catalogs/test-catalog'
import { VerbLake } from '@/testing/conformance/verbs/verb-lake'
import { SharedQueryProcess } from '@/testing/engines/shared-query-process'
import { createTestHome, type SignedInUser } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import type { RunStage } from '../run/run-child'
import { stageInput } from '../stage/stage-input'
import { saveResultRuns } from './save-result-run'

const home = createTestHome({ LAKESHORE_QUERY_PROCESSES: '1', LAKESHORE_QUERY_MEMORY_MIB: '256' })
const engines = new SharedQueryProcess()
let lake: VerbLake
let editor: SignedInUser
let names = 0

beforeAll(async () => {
  Object.assign(home.services, { sqlEngine: engines.createEngine(home.config) })
  lake = await VerbLake.open(home)
  editor = await lake.signIn('editor')
})
afterAll(() => engines.end())

const NUMBERS = schemaOf({ n: 'long', word: 'string' })

function schemaOf(types: Readonly<Record<string, unknown>>, identifierFieldIds: number[] = []): object {
  const fields = Object.entries(types).map(([name, type], i) => ({
    id: i + 1,
    name,
    required: identifierFieldIds.includes(i + 1),
    type,
  }))
  return { type: 'struct', fields, 'identifier-field-ids': identifierFieldIds }
}

/** A table with these rows under a new name. */
async function createNumbers(csv = 'n,word\n1,one\n2,two\n', identifierFieldIds: number[] = []): Promise<string> {
  const name = `t${(names += 1)}`
  await loadCsv(home.services, lake.table(name), csv, {
    schema: schemaOf({ n: 'long', word: 'string' }, identifierFieldIds),
  })
  return name
}

type Request = Readonly<Record<string, unknown>>

const query = (sql: string, more: Request = {}) => ({ sql, cursor: 0, connection: lake.wire.catalog, ...more })
const create = (schema: object, more: Request = {}) => ({
  schema: JSON.stringify(schema),
  partitionBy: null,
  formatVersion: 2,
  ...more,
})

const send = (table: string, request: Request, user = editor) =>
  lake.send(user, 'saveResult', { ...lake.wire, table, ...request })

async function start(table: string, request: Request, user = editor): Promise<string> {
  const { status, body } = await send(table, request, user)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return (body['run'] as { id: string }).id
}

const inThisProcess: RunStage = (request, { onProgress }) => stageInput(request, onProgress)

type RunOptions = {
  runStage?: RunStage
  maxBytes?: number
  /** Called before each read of the engine. */
  beforeRead?: (signal: AbortSignal) => Promise<unknown>
}

/** Executes a queued run with a worker in this process. */
async function execute(
  id: string,
  { runStage = inThisProcess, maxBytes, beforeRead = async () => {} }: RunOptions = {},
): Promise<Run> {
  const stop = new AbortController()
  const read = createReadFetch(home.services)
  const kind = saveResultRuns(home.services, {
    runStage,
    ...(maxBytes !== undefined && { maxBytes }),
    readFetch: async (actor, request, signal) => {
      await beforeRead(signal)
      return read(actor, request, signal)
    },
  })
  const loop = runWorkerLoop(home.services, {
    kinds: { [SAVE_RESULT]: kind },
    concurrency: 1,
    signal: stop.signal,
    pollMs: 5,
    renewMs: 20,
  })
  const run = await followRun(home.database, id, {
    signal: new AbortController().signal,
    onProgress: () => {},
    pollMs: 5,
  })
  stop.abort()
  await loop
  return run
}

const save = async (table: string, request: Request, options: RunOptions = {}): Promise<Run> =>
  execute(await start(table, request), options)

/** The values of the rows, without their lineage. */
async function rowsOf(table: string): Promise<unknown[][]> {
  const rows = await readTableRows(await lake.load(table))
  return rows.map((row) => (JSON.parse(row) as unknown[]).slice(0, -2))
}

const stagingOf = () => readdirSync(path.join(home.config.homeDir, 'staging'))

it('A result becomes a new table with exact values of every type, and its snapshot names the run', async () => {
  const table = `t${(names += 1)}`
  const types = {
    big: 'long',
    amount: 'decimal(38, 10)',
    total: 'decimal(38, 0)',
    nanos: 'timestamp_ns',
    nan: 'double',
    zero: 'double',
    none: 'int',
    key: 'uuid',
    items: {
      type: 'list',
      'element-id': 20,
      'element-required': false,
      element: {
        type: 'struct',
        fields: [
          { id: 21, name: 'a', required: false, type: 'long' },
          {
            id: 22,
            name: 'm',
            required: false,
            type: {
              type: 'map',
              'key-id': 23,
              key: 'string',
              'value-id': 24,
              value: 'decimal(38, 10)',
              'value-required': false,
            },
          },
        ],
      },
    },
  }
  const sql = `SELECT 9223372036854775807 AS big,
    '-9999999999999999999999999999.9999999999'::DECIMAL(38,10) AS amount,
    sum(9223372036854775807) OVER () AS total,
    '2262-04-10 23:59:59.999999999'::TIMESTAMP_NS AS nanos,
    'NaN'::DOUBLE AS nan, -0.0::DOUBLE AS zero, NULL AS none,
    'f79c3e09-677c-4bbd-a479-3f349cb785e7'::UUID AS key,
    [{'a': 9007199254740993, 'm': MAP {'k': 1.0000000001::DECIMAL(38,10)}}, NULL] AS items`
  const run = await save(table, { query: query(sql), create: create(schemaOf(types), { formatVersion: 3 }) })
  expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsRead: 1, rowsCommitted: 1, rowsRejected: 0 } })
  expect(await rowsOf(table)).toEqual([
    [
      '9223372036854775807',
      '-9999999999999999999999999999.9999999999',
      '9223372036854775807',
      expect.stringMatching(/^2262-04-10.23:59:59\.999999999$/),
      'NaN',
      '-0',
      null,
      'f79c3e09-677c-4bbd-a479-3f349cb785e7',
      [['9007199254740993', [['k', '1.0000000001']]], null],
    ],
  ])
  const { metadata } = await lake.load(table)
  expect(metadata.snapshots.map(({ summary }) => summary)).toMatchObject([
    { operation: 'append', 'engine-name': 'Lakeshore', 'lakeshore.run-id': run.id, 'lakeshore.input-format': 'query' },
  ])
  expect(await listAudit(home.database, { limit: 3 })).toMatchObject([
    { action: 'append', actor: { username: editor.username }, origin: { kind: 'job', job: SAVE_RESULT } },
    { action: 'create-table', actor: { username: editor.username } },
    { action: 'start-run', actor: { username: editor.username }, after: { run: { id: run.id } } },
  ])
  expect(stagingOf()).toEqual([])
})

it('A result without rows creates an empty table', async () => {
  const table = `t${(names += 1)}`
  const sql = 'SELECT 1::BIGINT AS n, NULL AS none WHERE false'
  const schema = schemaOf({ n: 'long', none: 'int' })
  const run = await save(table, { query: query(sql), create: create(schema, { partitionBy: 'bucket(4, n)' }) })
  expect(run).toMatchObject({ state: 'succeeded', outcome: { snapshotId: null, rowsRead: 0, rowsCommitted: 0 } })
  const { metadata } = await lake.load(table)
  expect(currentSchema(metadata).fields.map(({ name, type }) => `${name} ${typeLabel(type)}`)).toEqual([
    'n long',
    'none int',
  ])
  expect(metadata.snapshots).toEqual([])
})

it('A plain SELECT of a table with several files saves the rows of all of them', async () => {
  const source = await createNumbers()
  await loadCsv(home.services, lake.table(source), 'n,word\n3,three\n')
  const target = await createNumbers('n,word\n')
  const run = await save(target, { query: query(`SELECT n, word FROM ${lake.namespace}.${source}`) })
  expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 3 } })
})

it('Parameters, the state of the tables and the cursor are those of the request', async () => {
  const source = await createNumbers()
  const { metadata } = await lake.load(source)
  const snapshotId = metadata.currentSnapshotId
  await loadCsv(home.services, lake.table(source), 'n,word\n3,three\n')
  const target = await createNumbers('n,word\n')
  const sql = `SELECT 0 AS n; SELECT n, word FROM ${lake.namespace}.${source} WHERE n >= $least`
  const run = await save(target, {
    query: query(sql, {
      cursor: sql.length,
      asOf: { snapshotId },
      parameters: [{ name: 'least', type: 'number', isList: false, text: '2' }],
    }),
  })
  expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 1 } })
  expect(await rowsOf(target)).toEqual([['2', 'two']])
})

it('Rows are appended, replaced or upserted as the landing says, on a branch too', async () => {
  const target = await createNumbers('n,word\n1,one\n2,two\n', [1])
  const select = (values: string) => query(`SELECT * FROM (VALUES ${values}) AS v(n, word)`)
  const landing = (operation: string, branch: string | null = null) => ({ landing: { operation, branch } })
  const confirmedName = `${lake.namespace}.${target}`
  expect(await save(target, { query: select("(2, 'zwei'), (3, 'drei')"), ...landing('upsert') })).toMatchObject({
    outcome: { rowsUpdated: 1, rowsInserted: 1 },
  })
  expect(await rowsOf(target)).toEqual([
    ['1', 'one'],
    ['2', 'zwei'],
    ['3', 'drei'],
  ])
  await save(target, { query: select("(9, 'nine')"), ...landing('append', 'audit') })
  expect(await rowsOf(target)).toHaveLength(3)
  const replace = { query: select("(7, 'seven')"), ...landing('replace-table') }
  expect(await send(target, replace)).toMatchObject({ status: 400 })
  await save(target, { ...replace, confirmedName })
  expect(await rowsOf(target)).toEqual([['7', 'seven']])
})

test.each([
  ['two columns of one name', 'SELECT 1 AS n, 2 AS n', 'query-failed', 'Two columns of the result are named n.'],
  ['names that differ only in case', 'SELECT 1 AS n, 2 AS N', 'query-failed', 'differ only in case'],
  ['an infinite time', "SELECT 1 AS n, 'infinity'::TIMESTAMP AS word", 'query-failed', 'infinite date or time'],
  [
    'a value that fails in the middle',
    "SELECT CAST(CASE WHEN i = 90000 THEN 'secret' ELSE '1' END AS BIGINT) AS n FROM range(100000) AS r(i)",
    'query-failed',
    'secret',
  ],
  ['a statement that writes', 'DELETE FROM x', 'query-failed', 'DELETE'],
  ['a table that does not exist', 'SELECT * FROM nowhere.at_all', 'not-found', 'nowhere'],
])('%s fails the run, changes nothing, and only its user sees the message', async (_what, sql, code, text) => {
  const target = await createNumbers()
  const before = await lake.load(target)
  const run = await save(target, { query: query(sql) })
  expect(run).toMatchObject({ state: 'failed', error: { code }, journal: null })
  expect((await lake.load(target)).metadataLocation).toBe(before.metadataLocation)
  expect(stagingOf()).toEqual([])
  const asSeenBy = async (user: SignedInUser, role: Role) =>
    (await buildWireRun(home.database, run, actorFor({ ...user, role }))).error
  expect((await asSeenBy(editor, 'editor'))?.detail).toContain(text)
  const other = await asSeenBy(await lake.signIn('admin'), 'admin')
  expect(other?.detail).toBe(`The query of this run failed, so nothing was saved. ${editor.username} sees why.`)
  expect(JSON.stringify(other)).not.toContain(text)
  expect(JSON.stringify(await readLog(home.database, run.id, 0, 100))).not.toContain('secret')
})

it('Values that do not fit are rejected as in a load, and columns that the table lacks stop the run', async () => {
  const target = await createNumbers()
  const sql = 'SELECT * FROM (VALUES (1.5), (4.0)) AS v(n)'
  const refused = await save(target, { query: query(sql) })
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'rows-rejected' } })
  const run = await save(target, { query: query(sql), maxRejectedRows: 1 })
  expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 1, rowsRejected: 1 } })
  expect(await lake.get(editor, 'listRejects', { run: run.id })).toMatchObject({
    rejects: [{ line: 1, column: 'n', value: '1.5' }],
  })
  const extra = await save(target, { query: query('SELECT 1 AS n, 2 AS other') })
  expect(extra).toMatchObject({
    state: 'failed',
    error: { code: 'invalid-request', detail: expect.stringContaining('other') },
  })
})

it('A result that is larger than the limit says so, and saves nothing', async () => {
  const target = await createNumbers()
  const run = await save(target, { query: query('SELECT i AS n FROM range(100000) AS r(i)') }, { maxBytes: 1_000 })
  expect(run).toMatchObject({
    state: 'failed',
    error: { code: 'too-large', detail: expect.stringContaining('limit for saved results') },
  })
  expect((await lake.load(target)).metadata.snapshots).toHaveLength(1)
})

it('A cancelled run ends its query and changes nothing', async () => {
  const source = await createNumbers()
  const target = await createNumbers()
  const before = await lake.load(target)
  const id = await start(target, { query: query(`SELECT n FROM ${lake.namespace}.${source}`) })
  const beforeRead = async (signal: AbortSignal) => {
    await requestCancel(home.database, id)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  }
  const run = await execute(id, { beforeRead })
  expect(run).toMatchObject({ state: 'cancelled', journal: null })
  expect((await lake.load(target)).metadataLocation).toBe(before.metadataLocation)
  expect(stagingOf()).toEqual([])
})

it('A run reads with the grants of its user when it starts, and writes with them', async () => {
  const source = await createNumbers()
  const target = await createNumbers()
  const user = await lake.signIn(null)
  const grant = async (grantId: string, role: Role, table: string) => {
    const holder = { kind: 'user', id: user.userId } as const
    const grants = putGrantChanges({ grantId, holder, role, resource: lake.table(table), createdBy: 'a test' })
    await home.database.commit(grants)
  }
  await grant('reads', 'viewer', source)
  await grant('writes', 'editor', target)
  const request = { query: query(`SELECT n, word FROM ${lake.namespace}.${source}`) }
  expect(await execute(await start(target, request, user))).toMatchObject({ state: 'succeeded' })
  expect(await rowsOf(target)).toHaveLength(4)

  const unread = await start(target, request, user)
  await home.database.commit([deleteGrantChange('reads')])
  expect(await execute(unread)).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
  await grant('reads', 'viewer', source)
  const unwritten = await start(target, request, user)
  await home.database.commit([deleteGrantChange('writes')])
  expect(await execute(unwritten)).toMatchObject({
    state: 'failed',
    error: { code: 'forbidden', detail: expect.stringContaining('The run did not begin.') },
  })
  expect(await rowsOf(target)).toHaveLength(4)
  expect(await send(target, request, user)).toMatchObject({ status: 404 })
  expect(await send(target, request, await lake.signIn('viewer'))).toMatchObject({ status: 403 })
})

it('Another user may cancel a run of their table, and not repeat its statement', async () => {
  const target = await createNumbers()
  const run = await save(target, { query: query('SELECT 1 AS n, 2 AS n') })
  const other = await lake.signIn('editor')
  const [own, others] = [editor, other].map((user) => ({
    actor: actorFor({ ...user, role: 'editor' }),
    requestId: null,
  }))
  if (!own || !others) throw new Error('there are two users')
  await expect(retryRun(home.database, run.id, others)).rejects.toMatchObject({ code: 'forbidden' })
  expect((await buildWireRun(home.database, run, others.actor)).canChange).toBe(true)
  const retried = await retryRun(home.database, run.id, own)
  await requestCancel(home.database, retried.id)
  expect((await readRun(home.database, retried.id))?.state).toBe('cancelled')
})

it('A table that changes while its own rows are read gets both changes, unless rows would be lost', async () => {
  const target = await createNumbers()
  const self = query(`SELECT n + 10 AS n, word FROM ${lake.namespace}.${target}`)
  const another = async () => void (await loadCsv(home.services, lake.table(target), 'n,word\n3,three\n'))
  const afterStaging = (): RunStage => {
    let isFirst = true
    return async (request, options) => {
      const staged = await inThisProcess(request, options)
      if (isFirst) await another()
      isFirst = false
      return staged
    }
  }
  expect(await save(target, { query: self }, { runStage: afterStaging() })).toMatchObject({
    outcome: { rowsCommitted: 2 },
  })
  expect((await rowsOf(target)).map(([n]) => n)).toEqual(['1', '11', '12', '2', '3'])
  const landing = { operation: 'replace-table', branch: null }
  const replacing = { query: self, landing, confirmedName: `${lake.namespace}.${target}` }
  const run = await save(target, replacing, { runStage: afterStaging() })
  expect(run).toMatchObject({ state: 'failed', error: { code: 'commit-conflict' } })
  expect(await rowsOf(target)).toHaveLength(6)
  expect(await findStrayFiles(home.services)).toEqual([])
})

it('A policy that demands two people allows only new tables', async () => {
  const target = await createNumbers()
  const request = { query: query('SELECT 5::BIGINT AS n') }
  const queued = await start(target, request)
  await lake.demandTwoPeople()
  try {
    expect(await send(target, request)).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('Save the result as a new table, or export it as Parquet') },
    })
    expect(await execute(queued)).toMatchObject({ state: 'failed', error: { code: 'forbidden' } })
    const table = `t${(names += 1)}`
    const run = await save(table, { ...request, create: create(schemaOf({ n: 'long' })) })
    expect(run).toMatchObject({ state: 'succeeded' })
  } finally {
    await lake.demandTwoPeople(false)
  }
})

test.each([
  ['a name that exists', { create: create(NUMBERS) }, 409, 'already exists'],
  [
    'a schema that is none',
    { create: { schema: '{}', partitionBy: null, formatVersion: 2 }, table: 'fresh' },
    400,
    'schema',
  ],
  [
    'a partition column that is none',
    { create: create(NUMBERS, { partitionBy: 'nope' }), table: 'fresh' },
    400,
    'nope',
  ],
  ['a landing that the table cannot have', { landing: { operation: 'upsert', branch: null } }, 400, 'identifier'],
])(
  'A request with %s is refused before anything is queued',
  async (_what, { table, ...request }: Request & { table?: string }, status, detail) => {
    const target = table ?? (await createNumbers())
    expect(await send(target, { query: query('SELECT 1 AS n'), ...request })).toMatchObject({
      status,
      body: { detail: expect.stringContaining(detail) },
    })
  },
)

it('A request with the same key is queued once, and a server without an engine refuses it', async () => {
  const target = await createNumbers()
  const request = { query: query('SELECT 1 AS n'), idempotencyKey: 'k'.repeat(20) }
  const id = await start(target, request)
  expect(await start(target, request)).toBe(id)
  await requestCancel(home.database, id)
  const { sqlEngine } = home.services
  Object.assign(home.services, { sqlEngine: null })
  try {
    const { status, body } = await send(target, { query: query('SELECT 1 AS n') })
    expect([status, body['code']]).toEqual([422, 'not-supported'])
  } finally {
    Object.assign(home.services, { sqlEngine })
  }
})
