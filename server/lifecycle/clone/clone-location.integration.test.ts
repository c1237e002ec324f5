import { beforeAll, describe, expect, it } from 'vitest'
import { declarationToText } from '@/lib/changes/declaration/declaration-text'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type Actor, actorFor } from '@/server/auth/actor'
import { listDrops } from '@/server/db/audit-list'
import { putGrantChanges } from '@/server/db/auth/grants'
import { listRuns } from '@/server/db/jobs/runs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import { appendFiles } from '@/server/table/commit/append-files'
import { readLiveFiles } from '@/server/table/files/live-files'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles, openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import { reviewClone } from './clone-review'
import { cloneTableRuns } from './clone-run'
import { CLONE_TABLE } from './clone-task'
import { reviewNewTable, reviewRegistration } from '@/testing/lifecycle/reviews'
import { cloneTable, dropTable, restoreTable } from '@/testing/lifecycle/actions'

const home = createTestHome()
const { signal } = new AbortController()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const SOURCE = { catalog: 'local', namespace: ['demo'], table: 'source' }
const inLab = (table: string) => ({ catalog: 'local', namespace: ['lab'], table })
const load = async (identifier: TableIdentifier) => (await openTestCatalog(home.services)).loadTable(identifier)
const writeLoose = (location: string) =>
  home.services.stores.catalogStore('local').writeNew(location, new TextEncoder().encode('rows'))

/** An editor of lab, who may also read one table. */
let nora: Actor
let warehouse: string

beforeAll(async () => {
  ;({ warehouse } = home.config)
  await loadCsv(home.services, SOURCE, 'id\n1\n2\n', { schema: SCHEMA })
  await loadCsv(home.services, SOURCE, 'id\n3\n')
  await loadCsv(home.services, { ...SOURCE, table: 'hidden' }, 'id\n4\n', { schema: SCHEMA })
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['lab'], properties: {} })
  await loadCsv(home.services, inLab('w3'), 'id\n5\n', { schema: SCHEMA })
  const { userId, username } = await signInAs(home.services, null)
  const roleGrants = [
    { role: 'editor' as const, resource: { catalog: 'local', namespace: ['lab'] } },
    { role: 'viewer' as const, resource: SOURCE },
  ]
  const holder = { kind: 'user', id: userId } as const
  await home.database.commit(
    roleGrants.flatMap((grant, i) => putGrantChanges({ ...grant, grantId: `g${i}`, holder, createdBy: 'a test' })),
  )
  nora = actorFor({ userId, username, role: null, roleGrants })
})

const review = async (name: string, location: string, actor = nora) => {
  const requested = { asOf: {}, target: inLab(name), location }
  return (await reviewClone(home.services, SOURCE, requested, { actor, signal })).show()
}

async function start(name: string, location: string | null, { actor = nora, source = SOURCE } = {}) {
  const { metadata } = await load(source)
  const requested = {
    source,
    snapshotId: metadata.currentSnapshotId,
    schemaId: metadata.currentSchemaId,
    location,
    keepsPartitioning: true,
    keepsSortOrder: true,
    keepsDescription: true,
    properties: [],
  }
  return (await cloneTable(home.services, inLab(name), requested, { actor, requestId: null, signal })).run
}

/** @param onCopied happens once in a run, when all files were copied, before the table is created */
function kinds(onCopied: () => Promise<unknown> = async () => {}) {
  const kind = cloneTableRuns(home.services)
  let hasHappened = false
  const work: RunKind['work'] = (run, context) => {
    const saveJournal: RunContext['saveJournal'] = async (journal) => {
      await context.saveJournal(journal)
      if (hasHappened || journal['copiedCount'] !== 2) return
      hasHappened = true
      await onCopied()
    }
    return kind.work(run, { ...context, saveJournal })
  }
  return { [CLONE_TABLE]: { ...kind, work } }
}

const strayIn = async (folder: string) =>
  (await findStrayFiles(home.services)).filter((file) => file.startsWith(`${folder}/`))

describe('A clone by a user with a role on the namespace only', () => {
  it('fills an empty folder of their choice, also in a second attempt', async () => {
    const location = `${warehouse}/lab/own`
    expect((await review('chosen', location)).blockers).toEqual([])
    const { id } = await start('chosen', location)
    // The same request finds the files of the first one's run.
    const kind = kinds(async () => {
      expect(await start('chosen', location)).toMatchObject({ id })
      // As if the worker had died here: the lease ends, without a cleanup.
      await home.database.commit([
        rawChange("UPDATE runs SET lease_owner = 'nobody', lease_until_ms = 0 WHERE id = ?", [id]),
      ])
      throw new Error('the worker is gone')
    })
    expect(await runQueuedRun(home.services, id, kind)).toMatchObject({ state: 'succeeded', attempt: 2 })
    const table = await (await home.services.catalogs.open('local', nora)).loadTable(inLab('chosen'))
    expect(table.metadata.location).toBe(location)
    expect(await readTableRows(table)).toEqual(await readTableRows(await load(SOURCE)))
    expect(await strayIn(location)).toEqual([])
  })

  it('copies no file of a table that they may not read, which their table names, and leaves nothing', async () => {
    const hidden = await load({ ...SOURCE, table: 'hidden' })
    const [theirs] = await readLiveFiles(home.services.manifestCache, hidden, currentSnapshot(hidden.metadata), hidden)
    if (!theirs) throw new Error('the hidden table has no file')
    const borrower = inLab('borrower')
    await loadCsv(home.services, borrower, 'id\n6\n', { schema: SCHEMA })
    await appendFiles(home.services.log, {
      catalog: await openTestCatalog(home.services),
      store: home.services.stores.catalogStore('local'),
      identifier: borrower,
      files: [theirs.dataFile],
      specId: 0,
      schemaId: 0,
      actor: TEST_ACTOR,
      signal,
    })
    expect(await readTableRows(await load(borrower))).toHaveLength(2)
    const { id } = await start('stolen', null, { source: borrower })
    expect(await runQueuedRun(home.services, id, kinds())).toMatchObject({
      state: 'failed',
      error: { code: 'location-refused' },
      journal: null,
    })
    await expect(load(inLab('stolen'))).rejects.toMatchObject({ code: 'not-found' })
    expect(await strayIn(`${warehouse}/lab/stolen`)).toEqual([])
  })

  it('comes back there after a drop, for them too', async () => {
    const { id } = await start('dropped', `${warehouse}/lab/of-dropped`)
    await runQueuedRun(home.services, id, kinds())
    const { metadataLocation } = await load(inLab('dropped'))
    const context = { actor: nora, requestId: null, signal }
    const typed = { ...context, confirmedName: 'lab.dropped' }
    await dropTable(home.services, inLab('dropped'), { isPurge: false, metadataLocation }, typed)
    // Its folder has files now, so nothing new gets it.
    expect((await review('other', `${warehouse}/lab/of-dropped`)).blockers).toMatchObject([{ part: 'location' }])
    const [entry] = await listDrops(home.database, { catalog: 'local', namespace: ['lab'] }, 1)
    const restored = { auditId: entry?.id ?? '', name: 'dropped' }
    await restoreTable(home.services, inLab('dropped'), restored, context)
    expect((await load(inLab('dropped'))).metadataLocation).toBe(metadataLocation)
  })

  it('goes to the folder that its namespace sets', async () => {
    const catalog = await openTestCatalog(home.services)
    const location = `${warehouse}/far/away`
    await catalog.write({ kind: 'update-namespace', namespace: ['lab'], updates: { location }, removals: [] })
    const { id } = await start('placed', null)
    const run = await runQueuedRun(home.services, id, kinds())
    await catalog.write({ kind: 'update-namespace', namespace: ['lab'], updates: {}, removals: ['location'] })
    expect(run).toMatchObject({ state: 'succeeded' })
    expect((await load(inLab('placed'))).metadata.location).toBe(`${location}/placed`)
  })

  it('is not created around files that came there meanwhile, and leaves those', async () => {
    const location = `${warehouse}/lab/of-raced`
    const { id } = await start('raced', location)
    const foreign = `${location}/data/theirs.parquet`
    const run = await runQueuedRun(
      home.services,
      id,
      kinds(async () => writeLoose(foreign)),
    )
    expect(run).toMatchObject({ state: 'failed', error: { code: 'location-refused' } })
    expect(await strayIn(location)).toEqual([foreign])
  })

  it('is not created when another table gets a folder in its own meanwhile', async () => {
    const location = `${warehouse}/lab/shared`
    const { id } = await start('late', location)
    const run = await runQueuedRun(
      home.services,
      id,
      kinds(async () => {
        const catalog = await openTestCatalog(home.services)
        const { schemas } = (await load(SOURCE)).metadata
        await catalog.write({
          kind: 'create-table',
          table: { ...SOURCE, table: 'sudden' },
          schema: schemas[0]!,
          location: `${location}/sub`,
        })
      }),
    )
    expect(run).toMatchObject({ state: 'failed' })
    await expect(load(inLab('late'))).rejects.toMatchObject({ code: 'not-found' })
    expect(await strayIn(location)).toEqual([])
  })
})

describe('A folder for a clone', () => {
  it.each([
    ['a table’s', '/lab/w3', 'already-exists'],
    ['one in a table’s', '/lab/w3/sub', 'already-exists'],
    ['a table’s of another namespace', '/demo/source', 'location-refused'],
    ['one of another namespace that nothing has', '/demo/nothing', 'location-refused'],
    ['one around tables', '/demo', 'location-refused'],
    ['a hidden table’s', '/demo/hidden', 'location-refused'],
    ['one in a hidden table’s', '/demo/hidden/data', 'location-refused'],
    ['one with files of no table', '/loose', 'location-refused'],
    ['one outside of the warehouse', '/../outside', 'location-refused'],
  ])('is refused when it is %s, before a run is queued and as for a new table', async (_what, folder, code) => {
    if (folder === '/loose') await writeLoose(`${warehouse}/loose/a`)
    const location = `${warehouse}${folder}`
    const declaration = declarationToText({ columns: [{ name: 'id', type: 'long' }] })
    const { blockers } = await review('refused', location)
    const ofNew = await reviewNewTable(
      home.services,
      inLab('refused'),
      { declaration, location },
      { actor: nora, signal },
    )
    expect(blockers).toMatchObject([{ part: 'location' }])
    expect(blockers).toEqual(ofNew.blockers)
    const before = await listRuns(home.database, { kind: CLONE_TABLE, limit: 50 })
    await expect(start('refused', location)).rejects.toMatchObject({ code })
    expect(await listRuns(home.database, { kind: CLONE_TABLE, limit: 50 })).toHaveLength(before.length)
  })

  it('is refused to everybody when another table uses it, lies in it or around it', async () => {
    for (const folder of ['/lab/w3', '/lab/w3/data', '/demo']) {
      const location = `${warehouse}${folder}`
      const { blockers } = await review('refused', location, TEST_ACTOR)
      expect(blockers).toMatchObject([{ part: 'location', message: expect.stringContaining('Another table uses') }])
      await expect(start('refused', location, { actor: TEST_ACTOR })).rejects.toMatchObject({ code: 'already-exists' })
    }
  })
})

it('The review of a registration refuses a file that names a folder with files of no table', async () => {
  await writeLoose(`${warehouse}/left/a`)
  const { metadata, store } = await load(SOURCE)
  const tableUuid = '0b1c4b0e-6d53-4c4e-9c1e-2f3a4b5c6d7e'
  const named = { ...metadata, tableUuid, location: `${warehouse}/lab/again` }
  const write = (properties: Record<string, string>) =>
    home.services.metadataFiles.writeTable(store, { ...named, properties }, { label: 'again', before: null })
  const reviewed = async (properties: Record<string, string>) =>
    reviewRegistration(home.services, inLab('again'), await write(properties), { actor: nora, signal })
  expect((await reviewed({})).blockers).toEqual([])
  expect((await reviewed({ 'write.data.path': `${warehouse}/left` })).blockers).toMatchObject([{ part: 'location' }])
})
