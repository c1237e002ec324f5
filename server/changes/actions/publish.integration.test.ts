import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { checkProperty } from '@/lib/iceberg/properties/table-checks'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { commitExpiry, previewExpiryOf } from '@/testing/catalogs/expire-table'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { SharedQueryProcess } from '@/testing/engines/shared-query-process'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import { createReadFetch } from '@/server/endpoints/query-reads'
import { listAudit } from '@/server/db/audit-list'
import { requestCancel } from '@/server/db/jobs/runs'
import { checkRuns } from '@/server/table/checks/check-run'
import { CHECK_TABLE, queueChecks } from '@/server/table/checks/queued-checks'
import { readLiveFiles } from '@/server/table/files/live-files'
import { refPage } from '@/server/table/ref-page'
import { readLog } from '@/server/db/jobs/run-logs'
import type { Actor } from '@/server/auth/actor'
import { readPublications } from '@/server/table/publishing/publications'
import { reviewCherryPick } from '@/testing/lifecycle/reviews'
import { commitCherryPick, createView, publish, undo } from '@/testing/lifecycle/actions'

/** Write-audit-publish with checks that run in the real process of queries. */

const queries = new SharedQueryProcess()
const home = createTestHome({ LAKESHORE_QUERY_PROCESSES: '1' }, { createSqlEngine: queries.createEngine })
afterAll(() => queries.end())
const signal = new AbortController().signal
const SCHEMA = {
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'note', required: false, type: 'string' },
  ],
}
let identifier: TableIdentifier
let tables = 0
let [onMain, staged] = ['', '']

const catalogOf = () => home.services.catalogs.open(identifier.catalog, TEST_ACTOR)
const load = async () => (await catalogOf()).loadTable(identifier)
const commit = async (updates: TableUpdate[]) =>
  (await catalogOf()).write({ kind: 'commit-table', table: identifier, change: { requirements: [], updates } })
const setChecks = (checks: Record<string, string>) =>
  commit([
    {
      action: 'set-properties',
      updates: Object.fromEntries(Object.entries(checks).map(([name, sql]) => [checkProperty(name), sql])),
    },
  ])
const setBranch = (refName: string, snapshotId: string) =>
  commit([{ action: 'set-snapshot-ref', refName, snapshotId, type: 'branch' }])
const runChecks = async (snapshotId: string) => {
  const { id } = await queueChecks(home.database, await load(), snapshotId, TEST_ACTOR)
  return runQueuedRun(home.services, id, { [CHECK_TABLE]: checkRuns(home.services, createReadFetch(home.services)) })
}
const read = async () => readPublications(home.services, await load(), { actor: TEST_ACTOR })
const publishAudit = (request: Partial<Parameters<typeof publish>[2]> = {}, idempotencyKey?: string) =>
  publish(
    home.services,
    identifier,
    { snapshotId: staged, branch: 'audit', mainSnapshotId: onMain, ...request },
    { actor: TEST_ACTOR, signal, requestId: null, idempotencyKey },
  )
const mainNow = async () => (await load()).metadata.refs['main']?.snapshotId

beforeAll(async () => {
  await (await home.services.catalogs.open(home.config.catalogName, TEST_ACTOR)).write({
    kind: 'create-namespace',
    namespace: ['ns'],
    properties: {},
  })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: home.config.catalogName, namespace: ['ns'], table: `t${tables}` }
  onMain = (await loadCsv(home.services, identifier, 'id,note\n1,a\n2,b\n', { schema: SCHEMA })).metadata
    .currentSnapshotId!
  staged = (await loadCsv(home.services, identifier, 'id,note\n3,c\n-4,\n')).metadata.currentSnapshotId!
  await setBranch('audit', staged)
  await setBranch('main', onMain)
})

describe('Checks of a branch', () => {
  it('run on its tip, and say what passed, what failed with the first rows, and what could not run', async () => {
    await setChecks({
      'ids are positive': 'SELECT id, note, 1.50::DECIMAL(9,2) AS price FROM this_table WHERE id < 0;',
      'ids are unique': 'WITH twice AS (SELECT id FROM this_table GROUP BY id HAVING count(*) > 1) SELECT * FROM twice',
      'joined with itself': `SELECT a.id FROM this_table a JOIN ns.${identifier.table} b ON a.id = b.id WHERE this_table.id > 9`,
      'on main only': `SELECT * FROM ns.${identifier.table} WHERE id < 0`,
      'not SQL': 'SELEC',
    })
    expect(await runChecks(staged)).toMatchObject({ state: 'succeeded', outcome: { passedCount: 1, checkCount: 5 } })
    const { publications, isEnabled, mainSnapshotId } = await read()
    expect([isEnabled, mainSnapshotId]).toEqual([true, onMain])
    expect(publications).toMatchObject([
      { branch: 'audit', wapId: null, snapshotId: staged, aheadCount: 1, behindCount: 0, refusal: 'checks' },
    ])
    expect(publications[0]?.rows).toEqual({ added: 2, removed: 0 })
    const results = publications[0]?.checks ?? []
    expect(results.map(({ name, state }) => [state, name])).toEqual([
      ['failed', 'ids are positive'],
      ['not-run', 'joined with itself'],
      ['not-run', 'not SQL'],
      ['not-run', 'on main only'],
      ['passed', 'ids are unique'],
    ])
    expect(results[0]).toMatchObject({
      rowCount: 1,
      isTruncated: false,
      columns: ['id', 'note', 'price'],
      rows: [['-4', null, '1.50']],
    })
    expect(results[3]?.message).toContain('this_table')
  })

  it('name the mistake in their SQL before the table that they do not find', async () => {
    await setChecks({
      a: 'select from from this_table',
      b: 'select * frm this_table where id < 0',
      c: "select 'this_table' as named",
    })
    await runChecks(staged)
    const results = (await read()).publications[0]?.checks ?? []
    expect(results.map(({ state, message }) => [state, message])).toEqual([
      ['not-run', expect.stringMatching(/^Parser error: .*syntax error at or near/)],
      ['not-run', expect.stringMatching(/^Parser error: .*syntax error at or near/)],
      ['not-run', expect.stringContaining('reads the table as this_table')],
    ])
  })
})

describe('Publishing a branch', () => {
  const PASSES = { 'ids are unique': 'SELECT id FROM this_table GROUP BY id HAVING count(*) > 1' }

  it('moves main to its tip when every check has passed there, as one entry with what was checked', async () => {
    await setChecks(PASSES)
    await runChecks(staged)
    expect((await read()).publications[0]?.refusal).toBeNull()
    const { auditId, table } = await publishAudit({}, 'a-key-of-one-publication')
    expect(table.metadata.refs['main']?.snapshotId).toBe(staged)
    const [entry] = await listAudit(home.database, { tableUuid: table.metadata.tableUuid, limit: 1 })
    expect(entry).toMatchObject({
      id: auditId,
      action: 'publish',
      before: { refs: { main: onMain } },
      after: { refs: { main: staged }, checks: { snapshotId: staged, passed: ['ids are unique'] } },
    })
    // The same request is answered again, and changes nothing.
    expect((await publishAudit({}, 'a-key-of-one-publication')).auditId).toBe(auditId)
    expect((await read()).publications).toEqual([])
    const undone = { actor: TEST_ACTOR, signal, requestId: null, confirmedName: `ns.${identifier.table}` }
    await undo(home.services, identifier, auditId, undone)
    expect(await mainNow()).toBe(onMain)
  })

  it('is refused while a check failed, was not run on this snapshot, or has another text since', async () => {
    await setChecks({ 'no ids below 0': 'SELECT id FROM this_table WHERE id < 0' })
    await expect(publishAudit()).rejects.toMatchObject({ code: 'commit-conflict', facts: { failedCount: 0 } })
    await runChecks(staged)
    await expect(publishAudit()).rejects.toMatchObject({ code: 'commit-conflict', facts: { failedCount: 1 } })
    await setChecks({ 'no ids below 0': 'SELECT id FROM this_table WHERE id < -9' })
    await expect(publishAudit()).rejects.toMatchObject({ code: 'commit-conflict', facts: { missingCount: 1 } })
    expect((await read()).publications[0]?.checks).toMatchObject([{ state: 'stale', staleReason: 'text' }])
    await runChecks(staged)
    // A check that was added since is missing.
    await setChecks(PASSES)
    await expect(publishAudit()).rejects.toMatchObject({ code: 'commit-conflict', facts: { missingCount: 1 } })
    expect(await mainNow()).toBe(onMain)
    await runChecks(staged)
    await publishAudit()
    expect(await mainNow()).toBe(staged)
  })

  it('is refused when the branch got a commit after the checks, whose results are then stale (two writers)', async () => {
    await setChecks(PASSES)
    await runChecks(staged)
    await setBranch('main', staged)
    const later = (await loadCsv(home.services, identifier, 'id,note\n5,e\n')).metadata.currentSnapshotId!
    await setBranch('audit', later)
    await setBranch('main', onMain)
    await expect(publishAudit()).rejects.toMatchObject({ code: 'commit-conflict' })
    await expect(publishAudit({ snapshotId: later })).rejects.toMatchObject({ facts: { missingCount: 1 } })
    const [publication] = (await read()).publications
    expect(publication).toMatchObject({ aheadCount: 2, refusal: 'checks', run: null })
    expect(publication?.checks).toMatchObject([{ state: 'stale', staleReason: 'snapshot' }])
    expect(await mainNow()).toBe(onMain)
  })

  it('is refused when main moved after the checks, and offers the commit to cherry-pick (two writers)', async () => {
    await setChecks(PASSES)
    await runChecks(staged)
    const other = (await loadCsv(home.services, identifier, 'id,note\n6,f\n')).metadata.currentSnapshotId!
    await expect(publishAudit()).rejects.toMatchObject({ code: 'commit-conflict' })
    await expect(publishAudit({ mainSnapshotId: other })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(publishAudit({ mainSnapshotId: other, branch: null })).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { mainSnapshotId: other },
    })
    expect(await mainNow()).toBe(other)
    expect((await read()).publications).toMatchObject([
      { refusal: 'diverged', behindCount: 1, nextPick: { snapshotId: staged, refusal: null } },
    ])
  })

  it('without saved checks needs none', async () => {
    expect((await read()).publications).toMatchObject([{ refusal: null, checks: [] }])
    await expect(queueChecks(home.database, await load(), staged, TEST_ACTOR)).rejects.toMatchObject({
      code: 'invalid-request',
    })
    await publishAudit()
    expect(await mainNow()).toBe(staged)
  })
})

describe('A branch that was published before snapshots expired', () => {
  const commitPick = (snapshotId: string, tipSnapshotId: string, allowsUnknownAncestry?: boolean) =>
    commitCherryPick(
      home.services,
      identifier,
      { snapshotId, tipSnapshotId, allowsUnknownAncestry },
      { actor: TEST_ACTOR, requestId: null, signal },
    )
  const reviewPick = (snapshotId: string) =>
    reviewCherryPick(home.services, identifier, { snapshotId }, { actor: TEST_ACTOR, signal })
  const expire = async () => {
    const preview = await previewExpiryOf(home.services, identifier, TEST_ACTOR)
    await commitExpiry(home.services, identifier, TEST_ACTOR, preview)
  }
  const appendCsv = async (csv: string) =>
    (await loadCsv(home.services, identifier, csv)).metadata.currentSnapshotId ?? ''
  /** The live data files of \`main\`, and their rows. */
  const filesOfMain = async () => {
    const table = await load()
    const { refs, snapshots } = table.metadata
    const tip = snapshots.find(({ snapshotId }) => snapshotId === refs['main']?.snapshotId) ?? null
    const files = await readLiveFiles(home.services.manifestCache, table, tip, { store: table.store })
    return {
      fileCount: files.length,
      paths: new Set(files.map(({ dataFile }) => dataFile.filePath)).size,
      rowCount: files.reduce((sum, { dataFile }) => sum + dataFile.recordCount, 0),
    }
  }

  it('is at an unknown distance from main, is not offered, and is refused while main has its files', async () => {
    await publishAudit()
    await appendCsv('id,note\n7,g\n')
    const tip = await appendCsv('id,note\n8,h\n')
    await expire()
    const before = await filesOfMain()
    expect(before).toEqual({ fileCount: 4, paths: 4, rowCount: 6 })
    expect((await read()).publications).toMatchObject([
      {
        branch: 'audit',
        snapshotId: staged,
        aheadCount: null,
        behindCount: null,
        rows: { added: null, removed: null },
        refusal: 'unknown',
        nextPick: null,
      },
    ])
    expect(refPage((await load()).metadata, {}).refs).toMatchObject([
      { name: 'main', aheadCount: 0, behindCount: 0 },
      { name: 'audit', aheadCount: null, behindCount: null },
    ])
    const refused = { code: 'commit-conflict', facts: { snapshotId: staged } }
    await expect(reviewPick(staged)).rejects.toMatchObject(refused)
    await expect(commitPick(staged, tip)).rejects.toMatchObject(refused)
    await expect(publishAudit({ mainSnapshotId: tip })).rejects.toMatchObject({ code: 'invalid-request' })
    expect([await mainNow(), await filesOfMain()]).toEqual([tip, before])
  })

  it('that was never published can be picked by a user who says so, and then not again', async () => {
    await appendCsv('id,note\n7,g\n')
    const tip = await appendCsv('id,note\n8,h\n')
    await expire()
    expect((await read()).publications).toMatchObject([{ branch: 'audit', refusal: 'unknown', nextPick: null }])
    expect(await reviewPick(staged)).toMatchObject({ kind: 'replay', isHistoryExpired: true, rows: { restored: 2 } })
    const before = await filesOfMain()
    await expect(commitPick(staged, tip)).rejects.toMatchObject({
      code: 'commit-conflict',
      message: expect.stringMatching(/^Snapshots of main have expired, .* Nothing was changed\. Compare the two first/),
    })
    await expect(commitPick(staged, tip, false)).rejects.toMatchObject({ facts: { refName: 'main' } })
    expect([await mainNow(), await filesOfMain()]).toEqual([tip, before])
    const { snapshotId } = await commitPick(staged, tip, true)
    const picked = { fileCount: 4, paths: 4, rowCount: 6 }
    expect(await filesOfMain()).toEqual(picked)
    // Its copy expires, too, so that no id connects the two.
    await appendCsv('id,note\n9,i\n')
    await expire()
    expect((await load()).metadata.snapshots.map((one) => one.snapshotId)).not.toContain(snapshotId)
    await expect(reviewPick(staged)).rejects.toMatchObject({ code: 'commit-conflict' })
    // Files that are known to be on the branch outweigh the user's statement.
    await expect(commitPick(staged, (await mainNow()) ?? '', true)).rejects.toMatchObject({
      code: 'commit-conflict',
      message: expect.stringContaining('would double its rows'),
    })
    expect(await filesOfMain()).toEqual({ fileCount: 5, paths: 5, rowCount: 7 })
  })
})

describe('A run of checks', () => {
  it('that was cancelled has no results, and another table of the name has none of them', async () => {
    await setChecks({ slow: 'SELECT id FROM this_table WHERE id > 100' })
    const table = await load()
    const { id } = await queueChecks(home.database, table, staged, TEST_ACTOR)
    expect((await queueChecks(home.database, table, staged, TEST_ACTOR)).id).toBe(id)
    await requestCancel(home.database, id)
    expect((await read()).publications).toMatchObject([{ run: { id, state: 'cancelled' }, refusal: 'checks' }])
    await runChecks(staged)
    expect((await read()).publications).toMatchObject([{ refusal: null }])
    const other = { ...table, metadata: { ...table.metadata, tableUuid: '0a5a3d4e-6f6e-4a7e-9a54-0c4d6f1f2b11' } }
    const { publications } = await readPublications(home.services, other, { actor: TEST_ACTOR })
    expect(publications).toMatchObject([{ run: null, checks: [{ state: 'unchecked' }] }])
  })

  it('shows rows of other tables only to users who may read those', async () => {
    await setChecks({ 'as in the other': `SELECT * FROM this_table WHERE id < 0` })
    await runChecks(staged)
    const stranger = {
      ...TEST_ACTOR,
      userId: 'stranger',
      grants: [{ permission: 'table:read' as const, resource: { catalog: 'elsewhere' } }],
    }
    const { publications } = await readPublications(home.services, await load(), { actor: stranger })
    expect(publications[0]?.checks).toMatchObject([
      { state: 'failed', isHidden: true, rowCount: null, rows: [], columns: [] },
    ])
  })

  it('keeps values out of its log, and messages from users who may not read what a view of the check reads', async () => {
    const catalog = await catalogOf()
    const hidden = { ...identifier, namespace: ['vault'], table: `secret${tables}` }
    await catalog.write({ kind: 'create-namespace', namespace: ['vault'], properties: {} })
    await loadCsv(home.services, hidden, 'id,note\n5,rosebud\n', { schema: SCHEMA })
    const view = `over_secret${tables}`
    await createView(
      home.services,
      { catalog: identifier.catalog, namespace: ['ns'], view },
      {
        version: {
          schema: {
            schemaId: 0,
            identifierFieldIds: [],
            fields: [{ id: 1, name: 'note', required: false, type: 'string' }],
          },
          representations: [{ dialect: 'duckdb', sql: `SELECT note FROM vault.${hidden.table}` }],
          defaultCatalog: null,
          defaultNamespace: ['ns'],
        },
        properties: {},
      },
      { actor: TEST_ACTOR, requestId: null, signal, idempotencyKey: `view-over-a-secret-${tables}` },
    )
    await setChecks({
      leaky: `SELECT error(v.note) FROM this_table, (SELECT max(note) AS note FROM ns.${view}) AS v LIMIT 1`,
    })
    const run = await runChecks(staged)
    const log = (await readLog(home.database, run.id, 0, 100)).map(({ text }) => text).join('\n')
    expect(log).toContain('leaky: could not run.')
    expect(log).not.toContain('rosebud')
    const reader = {
      ...TEST_ACTOR,
      userId: 'reader',
      grants: [{ permission: 'table:read' as const, resource: { catalog: identifier.catalog, namespace: ['ns'] } }],
    }
    const shownTo = async (actor: Actor) =>
      (await readPublications(home.services, await load(), { actor })).publications[0]?.checks
    expect(await shownTo(reader)).toMatchObject([{ state: 'not-run', isHidden: true, message: null }])
    expect(await shownTo({ ...reader, userId: TEST_ACTOR.userId })).toMatchObject([
      { isHidden: false, message: expect.stringContaining('rosebud') },
    ])
  })
})
