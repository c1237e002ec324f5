import { Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runDraftCheck } from '@/lib/contract/table/publications'
import { problem } from '@/lib/contract/shapes/problem'
import { AppError } from '@/lib/errors'
import { joinNamespace } from '@/lib/names/identifiers'
import { listAudit } from '@/server/db/audit-list'
import { listRuns } from '@/server/db/jobs/runs'
import type { SqlEngine, SqlEvent, SqlOptions, SqlStatement } from '@/server/engines/sql-engine'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { loadCsv } from '@/testing/ingest/load-table'

const home = createTestHome({ LAKESHORE_QUERY_PROCESSES: '1' })
const identifier = { catalog: 'local', namespace: ['demo'], table: 'trips' }
let viewer: SignedInUser
let guest: SignedInUser
let snapshotId: string
/** Requests to the engine, and its answer. */
let runs: { statement: SqlStatement; options: SqlOptions }[]
let events: () => Iterable<SqlEvent>

beforeAll(async () => {
  const catalog = await home.services.catalogs.open('local', TEST_ACTOR)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  const { metadata } = await loadCsv(home.services, identifier, 'id\n1\n-4\n', {
    schema: { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] },
  })
  snapshotId = metadata.currentSnapshotId ?? ''
  viewer = await signInAs(home.services, 'viewer')
  guest = await signInAs(home.services, null)
})

beforeEach(() => {
  runs = []
  const engine: Pick<SqlEngine, 'run'> = {
    run(statement, options) {
      runs.push({ statement, options })
      const found = (async function* () {
        yield* events()
      })()
      return Object.assign(found, { cancel: async () => {} })
    },
  }
  Object.assign(home.services, { sqlEngine: engine })
})

const done = (rowCount: number): SqlEvent => ({
  kind: 'done',
  summary: { rowCount, isTruncated: false, columns: [{ name: 'id' }], tablesRead: [], viewsRead: [] } as never,
})

async function run(sql: string, { user = viewer, at = snapshotId } = {}) {
  const handler = await loadRouteHandler(home.services, runDraftCheck)
  const response = await handler(
    new Request('http://127.0.0.1:3000/x', {
      method: 'POST',
      headers: { cookie: user.cookie, origin: home.config.publicUrl, 'content-type': 'application/json' },
      body: JSON.stringify({ sql, snapshotId: at }),
    }),
    { params: Promise.resolve({ ...identifier, namespace: joinNamespace(identifier.namespace) }) },
  )
  const body: unknown = await response.json()
  return response.ok ? runDraftCheck.output.parse(body) : problem.parse(body).code
}

describe('A check that is not saved', () => {
  it('runs on the snapshot as its writer, within its time, and stores nothing', async () => {
    const arrow = tableToIPC(new Table({ id: vectorFromArray(['-4'], new Utf8()) }), 'stream')
    events = () => [{ kind: 'rows', rowCount: 1, arrow }, done(1)]
    const before = await listAudit(home.database, { limit: 1 })
    expect(await run('SELECT id FROM this_table WHERE id < 0')).toMatchObject({
      state: 'failed',
      rowCount: 1,
      columns: ['id'],
      rows: [['-4']],
    })
    expect(runs).toHaveLength(1)
    expect(runs[0]?.statement.sql).toContain(`"local"."demo"."trips" FOR VERSION AS OF ${snapshotId}`)
    expect(runs[0]?.options.limits.seconds).toBe(45)
    expect(await listAudit(home.database, { limit: 1 })).toEqual(before)
    expect(await listRuns(home.database, { kind: 'check-table', limit: 1 })).toEqual([])
    events = () => [done(0)]
    expect(await run('SELECT id FROM this_table WHERE id < -9')).toMatchObject({ state: 'passed', rows: [] })
  })

  it('says why it could not run, and lets the next one run', async () => {
    events = () => {
      throw new AppError('query-failed', 'There is no column idd.')
    }
    for (let i = 0; i < 5; i += 1)
      expect(await run('SELECT idd FROM this_table')).toMatchObject({
        state: 'not-run',
        message: 'There is no column idd.',
      })
    events = () => [done(0)]
    expect(await run('SELECT 1')).toMatchObject({ state: 'not-run', message: expect.stringContaining('this_table') })
    // Whether the SQL has a mistake is the engine's to say.
    expect(runs).toHaveLength(6)
  })

  it('names the mistake in the SQL before the table that it does not find', async () => {
    const arrow = tableToIPC(
      new Table({ message: vectorFromArray(['syntax error at or near "from"'], new Utf8()) }),
      'stream',
    )
    events = () => [{ kind: 'rows', rowCount: 1, arrow }, done(1)]
    expect(await run("select 'it' from from this_table")).toMatchObject({
      state: 'not-run',
      message: 'Parser error: syntax error at or near "from"',
    })
    expect(runs[0]?.statement.sql).toContain("json_serialize_sql('select ''it'' from from this_table')")
  })

  it('is not run for others, on another snapshot, or on a server without queries', async () => {
    expect(await run('SELECT * FROM this_table', { user: guest })).toBe('not-found')
    expect(await run('SELECT * FROM this_table', { at: '7' })).toBe('not-found')
    Object.assign(home.services, { sqlEngine: null })
    expect(await run('SELECT * FROM this_table')).toBe('not-supported')
    expect(runs).toEqual([])
  })
})
