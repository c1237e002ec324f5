import { tmpdir } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import type { Role } from '@/lib/permissions'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import { readLog } from '@/server/db/jobs/run-logs'
import { readRun } from '@/server/db/jobs/runs'
import { followRun } from '@/server/jobs/follow-run'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { ARRIVAL_LIMIT_MS, settleNextWrite } from '@/server/maintenance/settle-writes'
import { touchesTable } from '@/testing/databases/change-sql'
import { rawChange } from '@/testing/databases/test-sql'
import { countExpiryRuns } from '@/server/maintenance/expiry/count-expiry'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { registerExternally } from '@/testing/catalogs/external-writes'
import {
  commitExpiry,
  listTableFiles,
  previewExpiryOf,
  runRemovals,
  withoutCountLimit,
} from '@/testing/catalogs/expire-table'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { useTestClock } from '@/testing/clock'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { commitIntents } from './change-table'
import { readHistory } from '@/server/table/history/read-history'
import { commitProposal, propose, readProposal } from '@/server/changes/proposals/proposals'
import { readPendingExpiries } from '@/server/table/expiry/pending-expiries'
import { COUNT_EXPIRY } from '@/server/table/expiry/queued-counts'
import { listRemovals } from '@/server/table/expiry/queued-removals'
import { readExpiryUndo, reviewIntents } from '@/testing/lifecycle/reviews'
import { setChangePolicy, undoExpiry } from '@/testing/lifecycle/actions'

// The connection reads the files of this home.
const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: tmpdir() })
const signal = new AbortController().signal
const users = new Map<Role, SignedInUser>()
let ann: Actor
let listener: RestListener
let catalog: CatalogClient
let identifier: TableIdentifier
let tables = 0
let ids: string[] = []

beforeAll(async () => {
  for (const role of ['viewer', 'editor', 'admin'] as const) users.set(role, await signInAs(home.services, role))
  ann = actorFor({ ...userOf('editor'), role: 'editor' })
  listener = await startRestListener(home.services)
  const token = await createRestTokenAs(home.services, 'admin')
  await addMirror(home, {
    name: 'mirror',
    listener,
    token,
    storage: 'local',
    admin: actorFor({ ...userOf('admin'), role: 'admin' }),
  })
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterAll(() => listener.stop())
beforeEach(async () => {
  tables += 1
  identifier = { catalog: 'local', namespace: ['demo'], table: `u${tables}` }
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  ids = [await append(), await append(), await append()]
  await commit([{ kind: 'roll-back', fromSnapshotId: idAt(2), toSnapshotId: idAt(0), safetyTag: null }])
  ids.push(await append())
})

function userOf(role: Role): SignedInUser {
  const user = users.get(role)
  if (!user) throw new Error(`nobody is a ${role}`)
  return user
}
const idAt = (index: number) => ids[index] ?? ''
const append = () => appendTenRows(home.services, identifier)
const load = () => catalog.loadTable(identifier)
const options = () => ({ actor: ann, signal, requestId: 'r1' })
const commit = (intents: Intent[]) =>
  commitIntents(home.services, identifier, intents, { ...options(), confirmedName: `demo.${identifier.table}` })
const expire = async (of = identifier, actor = ann) =>
  commitExpiry(home.services, of, actor, await previewExpiryOf(home.services, of, actor))
const undo = (auditId: string, newName?: string, of = identifier) =>
  undoExpiry(home.services, of, { auditId, newName }, options())
const proposeUndo = (auditId: string, newName: string | null = null, of = identifier) =>
  propose(
    home.services,
    { kind: 'table', identifier: of },
    { title: 'Undo it', note: '', action: { kind: 'undo-expiry', auditId, newName } },
    options(),
  )
const pending = async (of = identifier) => {
  const opened = await home.services.catalogs.open(of.catalog, ann)
  return readPendingExpiries(home.database, opened, await opened.loadTable(of), { actor: ann, signal })
}
const isOffered = async (auditId: string) => {
  const { entries } = await readHistory(home.services, await load(), null, { actor: ann, catalog, signal })
  return entries.find((entry) => entry.auditId === auditId)?.isUndoable
}
const tag = (refName: string, snapshotId: string): Intent => ({
  kind: 'create-ref',
  refName,
  type: 'tag',
  snapshotId,
  retention: { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null },
})

describe('An expiry', () => {
  test('is one entry in the history with its actor and its figures', async () => {
    const { auditId } = await expire()
    const { metadata } = await load()
    expect(metadata.snapshots.map(({ snapshotId }) => snapshotId)).toEqual([idAt(3)])
    const { entries } = await readHistory(home.services, await load(), null, { actor: ann, catalog, signal })
    expect(entries[0]).toMatchObject({
      auditId,
      actor: ann.username,
      action: 'expire-snapshots',
      isUndoable: true,
      isExpiry: true,
      changes: [
        { kind: 'figure', name: 'Snapshots expired', after: '3' },
        { kind: 'figure', name: 'Files that nothing reaches', after: expect.stringMatching(/^7, /) },
      ],
    })
    expect(await pending()).toMatchObject([{ auditId, snapshotCount: 3, fileCount: 7, undoProblem: null }])
  })

  test('is refused when another writer tags one of its snapshots between dry run and commit', async () => {
    const shown = await previewExpiryOf(home.services, identifier, ann)
    await commit([tag('hold', idAt(1))])
    const before = await load()
    await expect(commitExpiry(home.services, identifier, ann, shown)).rejects.toMatchObject({
      code: 'commit-conflict',
      message: expect.stringContaining('hold at snapshot'),
    })
    expect((await load()).metadataLocation).toBe(before.metadataLocation)
    // A new dry run retains the tagged snapshot.
    expect(await previewExpiryOf(home.services, identifier, ann)).toMatchObject({
      snapshots: { main: 1, others: 1, removed: 2 },
    })
  })

  test('is refused when a branch moved, and when another expiry was first', async () => {
    const shown = await previewExpiryOf(home.services, identifier, ann)
    await append()
    await expect(commitExpiry(home.services, identifier, ann, shown)).rejects.toMatchObject({ code: 'commit-conflict' })
    const [one, two] = [
      await previewExpiryOf(home.services, identifier, ann),
      await previewExpiryOf(home.services, identifier, ann),
    ]
    await commitExpiry(home.services, identifier, ann, one)
    await expect(commitExpiry(home.services, identifier, ann, two)).rejects.toMatchObject({
      code: 'commit-conflict',
      message: expect.stringContaining('without snapshot'),
    })
  })

  test('leaves nothing to roll back to, and says which snapshot is gone (commit-safety 16)', async () => {
    await expire()
    const back = { kind: 'roll-back', fromSnapshotId: idAt(3), toSnapshotId: idAt(0), safetyTag: null } as const
    await expect(commit([back])).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(commit([{ ...back, kind: 'set-ref', refName: 'main' }])).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(idAt(0)),
    })
    expect((await load()).metadata.currentSnapshotId).toBe(idAt(3))
  })

  test('is made once under one idempotency key, and needs the name of the table', async () => {
    const { intent } = await previewExpiryOf(home.services, identifier, ann)
    if (intent === null) throw new Error('nothing expires')
    await expect(commitIntents(home.services, identifier, [intent], options())).rejects.toMatchObject({
      code: 'invalid-request',
    })
    const keyed = { ...options(), confirmedName: `demo.${identifier.table}`, idempotencyKey: 'k'.repeat(16) }
    const first = await commitIntents(home.services, identifier, [intent], keyed)
    expect((await commitIntents(home.services, identifier, [intent], keyed)).auditId).toBe(first.auditId)
    expect(await pending()).toHaveLength(1)
  })

  test('needs two people where a policy demands it, and is then committed as it was proposed', async () => {
    const named = { ...identifier, namespace: [`four${tables}`] }
    await catalog.write({ kind: 'create-namespace', namespace: named.namespace, properties: {} })
    await catalog.write({ kind: 'create-table', table: named, schema: ONE_COLUMN_SCHEMA })
    for (let i = 0; i < 3; i += 1) await appendTenRows(home.services, named)
    const admin = actorFor({ ...userOf('admin'), role: 'admin' })
    await setChangePolicy(home.services, named, { requiresProposal: true }, { actor: admin, signal, requestId: 'r' })
    const shown = await previewExpiryOf(home.services, named, ann)
    expect(shown.requiredBy).toBe(`four${tables}`)
    await expect(commitExpiry(home.services, named, ann, shown)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('need two people'),
    })
    expect((await catalog.loadTable(named)).metadata.snapshots).toHaveLength(3)
    if (shown.intent === null) throw new Error('nothing expires')
    const proposal = await propose(
      home.services,
      { kind: 'table', identifier: named },
      { title: 'Expire', note: '', action: { kind: 'change-table', intents: [shown.intent] } },
      options(),
    )
    const now = await catalog.loadTable(named)
    const { requestDigest } = await reviewIntents(home.services.keys, catalog, now, [shown.intent], signal)
    if (requestDigest === null) throw new Error('the expiry does not fit')
    const { auditId } = await commitProposal(home.services, { kind: 'table', identifier: named }, proposal.proposalId, {
      reviewed: { kind: 'change-table', requestDigest },
      actor: admin,
      signal,
      requestId: 'r2',
      confirmedName: `four${tables}.${named.table}`,
    })
    expect((await catalog.loadTable(named)).metadata.snapshots).toHaveLength(1)
    expect(await pending(named)).toMatchObject([{ auditId, removal: { state: 'queued' } }])
    await expect(undo(auditId, undefined, named)).rejects.toMatchObject({ code: 'forbidden' })

    // Its undo is proposed, too.
    const reversed = await proposeUndo(auditId, null, named)
    await expect(
      commitProposal(home.services, { kind: 'table', identifier: named }, reversed.proposalId, options()),
    ).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('Another user has to commit'),
    })
    expect(await pending(named)).toMatchObject([{ removal: { state: 'queued' } }])
    const byAdmin = { actor: admin, signal, requestId: 'r3' }
    const done = await commitProposal(home.services, { kind: 'table', identifier: named }, reversed.proposalId, byAdmin)
    const { metadata, metadataLocation } = await catalog.loadTable(named)
    expect(metadata.snapshots).toHaveLength(3)
    expect(done.metadataLocation).toBe(metadataLocation)
    const [entry] = await listAudit(home.database, { tableUuid: metadata.tableUuid, limit: 1 })
    expect(entry).toMatchObject({
      id: done.auditId,
      action: 'undo',
      undoes: auditId,
      actor: { username: admin.username },
      after: { proposal: { proposalId: reversed.proposalId, title: 'Undo it', proposedBy: ann.username } },
    })
    expect(
      await readProposal(home.services, { kind: 'table', identifier: named }, reversed.proposalId, options()),
    ).toMatchObject({
      state: 'committed',
      auditId: done.auditId,
      decidedBy: admin.username,
    })
    await expect(
      commitProposal(home.services, { kind: 'table', identifier: named }, reversed.proposalId, byAdmin),
    ).rejects.toMatchObject({
      code: 'version-conflict',
    })
  })
})

describe('The undo of an expiry', () => {
  test('cancels the removal and puts all snapshots and refs back, as a new version', async () => {
    await commit([
      {
        ...tag('gone', idAt(1)),
        retention: { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: 1 },
      } as Intent,
    ])
    const before = await load()
    const { auditId } = await expire()
    const expired = await load()
    expect(Object.keys(expired.metadata.refs)).toEqual(['main'])
    const [entry] = await pending()
    expect(await readExpiryUndo(home.services, identifier, auditId, options())).toMatchObject({
      method: 'restore',
      problem: null,
    })
    const done = await undo(auditId)
    const { metadata, metadataLocation } = await load()
    expect(metadata.snapshots).toEqual(before.metadata.snapshots)
    expect(metadata.refs).toEqual(before.metadata.refs)
    expect(metadata.snapshotLog).toEqual(before.metadata.snapshotLog)
    expect(metadataLocation).not.toBe(before.metadataLocation)
    expect(metadata.metadataLog.map(({ metadataFile }) => metadataFile).slice(-2)).toEqual([
      before.metadataLocation,
      expired.metadataLocation,
    ])
    expect(metadata.lastUpdatedMs).toBeGreaterThanOrEqual(expired.metadata.lastUpdatedMs)
    expect(await readRun(home.database, entry?.removal?.id ?? '')).toMatchObject({ state: 'cancelled', attempt: 0 })
    expect((await listAudit(home.database, { tableUuid: metadata.tableUuid, limit: 1 }))[0]).toMatchObject({
      id: done.auditId,
      action: 'undo',
      undoes: auditId,
    })
    const { entries } = await readHistory(home.services, await load(), null, { actor: ann, catalog, signal })
    expect(entries[0]?.changes).toMatchObject([
      { kind: 'figure', name: 'Snapshots restored', before: null, after: '3' },
      { kind: 'figure', name: 'Restored', before: null, after: ids.slice(0, 3).join(', ') },
      { kind: 'ref', name: 'gone', before: null, after: idAt(1) },
      { name: 'retention of gone' },
    ])
    // The table continues as before.
    await append()
    expect(await verifyTable(home.services, identifier)).toMatchObject({ rows: 30 })
    await expect(undo(auditId)).rejects.toMatchObject({ message: expect.stringContaining('already undone') })
  })

  test('is refused after a commit, with the reason, and the removal can still be cancelled', async () => {
    const { auditId } = await expire()
    await append()
    expect(await readExpiryUndo(home.services, identifier, auditId, options())).toMatchObject({
      problem: expect.stringContaining('received a commit since'),
      removal: { state: 'queued', canChange: true },
    })
    await expect(undo(auditId)).rejects.toMatchObject({ code: 'not-supported' })
    expect(await pending()).toMatchObject([{ auditId, removal: { state: 'queued' } }])
    await expect(proposeUndo(auditId)).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('received a commit since'),
    })
  })

  test('that was proposed before a commit is refused with the reason, and its proposal stays open', async () => {
    const { auditId } = await expire()
    await expect(proposeUndo(auditId, 'again')).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('no new name is needed'),
    })
    const { proposalId } = await proposeUndo(auditId)
    await append()
    await expect(
      commitProposal(home.services, { kind: 'table', identifier: identifier }, proposalId, options()),
    ).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('received a commit since'),
    })
    expect(
      await readProposal(home.services, { kind: 'table', identifier: identifier }, proposalId, options()),
    ).toMatchObject({ state: 'open' })
    expect(await pending()).toMatchObject([{ removal: { state: 'queued' } }])
  })

  test('is refused once files were removed, and no longer offered', async () => {
    const { auditId } = await expire()
    expect(await isOffered(auditId)).toBe(true)
    await runRemovals(home.services, (await load()).metadata.tableUuid)
    await expect(undo(auditId)).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('have been removed'),
    })
    expect(await isOffered(auditId)).toBe(false)
    expect(await pending()).toEqual([])
  })

  test('is possible after a removal that was refused before it removed anything', async () => {
    const { auditId } = await expire()
    const { metadata } = await load()
    const damaged = { ...identifier, table: `${identifier.table}_damaged` }
    await registerExternally(home.database, damaged, `${metadata.location}/metadata/none.metadata.json`)
    expect(await runRemovals(home.services, metadata.tableUuid)).toMatchObject({ state: 'failed' })
    expect(await isOffered(auditId)).toBe(true)
    await undo(auditId)
    expect((await load()).metadata.snapshots).toHaveLength(4)
    // Another catalog does not tell which folders a damaged table shares, so removals through a connection would be
    // refused.
    await catalog.write({ kind: 'drop-table', table: damaged })
  })

  test('is refused after the removal of another expiry ran, because files may be shared', async () => {
    const { metadata } = await load()
    const [first, second] = [idAt(1), idAt(2)]
    const choose = async (snapshotId: string) =>
      commitExpiry(
        home.services,
        identifier,
        ann,
        await previewExpiryOf(home.services, identifier, ann, { snapshotIds: [snapshotId] }),
      )
    await choose(first)
    const { auditId } = await choose(second)
    const { location } = metadata
    const before = listTableFiles(location)
    const [, earlier] = await pending()
    expect(earlier?.undoProblem).toContain('received a commit since')
    // Its files are all there, but the history offers no undo that would be refused, either.
    expect(await isOffered(earlier?.auditId ?? '')).toBe(false)
    expect(await isOffered(auditId)).toBe(true)
    await runRemovals(home.services, metadata.tableUuid)
    expect(listTableFiles(location).length).toBeLessThan(before.length)
    await expect(undo(auditId)).rejects.toMatchObject({ code: 'not-supported' })
    expect(await isOffered(auditId)).toBe(false)
  })

  test('through a connection registers the metadata from before under another name, or says why not', async () => {
    const mirrored = { ...identifier, catalog: 'mirror' }
    const { auditId } = await expire(mirrored)
    const separate = 'mirror keeps the folders of tables separate'
    expect(await readExpiryUndo(home.services, mirrored, auditId, options())).toMatchObject({
      method: 'register',
      problem: expect.stringContaining(separate),
    })
    await expect(undo(auditId, 'again', mirrored)).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining(separate),
    })
    const [waiting] = await pending(mirrored)
    expect(waiting).toMatchObject({ removal: { state: 'queued' } })
    // A catalog that does not say so refuses later, and the files stay.
    const { catalogs } = home.services
    const open = catalogs.open.bind(catalogs)
    vi.spyOn(catalogs, 'open').mockImplementation(async (...args) => {
      const { keepsFoldersSeparate: _, ...opened } = await open(...args)
      return opened
    })
    onTestFinished(() => {
      vi.restoreAllMocks()
    })
    await expect(undo(auditId, 'again', mirrored)).rejects.toMatchObject({
      code: 'already-exists',
      message: expect.stringContaining('cancelled'),
    })
    const [entry] = await pending(mirrored)
    expect(entry).toMatchObject({ removal: { state: 'cancelled' }, undoProblem: null })
    // A proposal names the new table, and stays open when the catalog refuses.
    await expect(proposeUndo(auditId, null, mirrored)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('Choose a name'),
    })
    await expect(proposeUndo(auditId, identifier.table, mirrored)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('There is already a table'),
    })
    const { proposalId } = await proposeUndo(auditId, 'again', mirrored)
    await expect(
      commitProposal(home.services, { kind: 'table', identifier: mirrored }, proposalId, options()),
    ).rejects.toMatchObject({
      code: 'already-exists',
    })
    expect(
      await readProposal(home.services, { kind: 'table', identifier: mirrored }, proposalId, options()),
    ).toMatchObject({ state: 'open' })
  })
})

test('Through a connection without access to files snapshots expire, and their files are not counted', async () => {
  const token = await createRestTokenAs(home.services, 'admin')
  const admin = actorFor({ ...userOf('admin'), role: 'admin' })
  await addMirror(home, { name: 'far', listener, token, admin })
  const far = { ...identifier, catalog: 'far' }
  expect(await previewExpiryOf(home.services, far, ann)).toMatchObject({
    snapshots: { removed: 3 },
    files: null,
    filesProblem: expect.stringContaining('not allowed to read this location'),
  })
  await expire(far)
  expect(await pending(far)).toMatchObject([{ snapshotCount: 3, fileCount: null, sizeBytes: null }])
  const { tableUuid } = (await load()).metadata
  expect(await runRemovals(home.services, tableUuid)).toMatchObject({
    state: 'failed',
    error: { code: 'location-refused', facts: { filesRemoved: 0 } },
  })
})

test('A connection’s table loses its expired files, too, and other tables of the catalog keep theirs', async () => {
  const mirrored = { ...identifier, catalog: 'mirror' }
  // Only the removal reads the other tables.
  expect((await previewExpiryOf(home.services, mirrored, ann)).files).toMatchObject({ nested: null })
  await expire(mirrored)
  const { metadata } = await load()
  const run = await runRemovals(home.services, metadata.tableUuid)
  expect(run).toMatchObject({ state: 'succeeded', outcome: { filesRemoved: 7, filesRetained: 0 } })
  const log = await readLog(home.database, run.id, 0, 50)
  expect(log.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^Checking \d+ tables of the catalog, because any of them may use the folder\.$/),
  )
  expect(await verifyTable(home.services, identifier)).toMatchObject({ rows: 20 })
})

async function request(role: Role, name: string, body: object, params: Record<string, string> = {}) {
  const endpoint = findEndpoint(name)
  const handler = await loadRouteHandler(home.services, endpoint)
  const response = await handler(
    new Request('http://test/x', {
      method: endpoint.method,
      headers: { cookie: userOf(role).cookie, 'content-type': 'application/json' },
      ...(endpoint.method !== 'GET' && { body: JSON.stringify(body) }),
    }),
    { params: Promise.resolve({ catalog: 'local', namespace: 'demo', table: identifier.table, ...params }) },
  )
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('An expiry through a connection, whose response was lost', () => {
  // The request is repeated after pauses.
  beforeEach(() => useTestClock().skipPauses())

  const mirrored = () => ({ ...identifier, catalog: 'mirror' })
  const settleAll = async () => {
    await home.database.commit([
      rawChange('UPDATE pending_writes SET sent_at_ms = sent_at_ms - ?, next_check_at_ms = 0', [ARRIVAL_LIMIT_MS]),
    ])
    while (await settleNextWrite(home.services, signal));
  }
  const removalCount = async () => (await listRemovals(home.database, (await load()).metadata.tableUuid)).length

  test('gets its removal when a worker finds that it was committed', async () => {
    const { database } = home.services
    const { commit: commitToDatabase } = database
    database.commit = async (changes) => {
      if (touchesTable(changes, 'delete from "pending_writes"')) throw new Error('the disk is full')
      return commitToDatabase(changes)
    }
    const committed = await expire(mirrored())
    Object.assign(database, { commit: commitToDatabase })
    expect(await removalCount()).toBe(0)
    await settleAll()
    expect(await pending(mirrored())).toMatchObject([
      { auditId: committed.auditId, removal: { state: 'queued', actor: ann.username } },
    ])
    expect(await runRemovals(home.services, (await load()).metadata.tableUuid)).toMatchObject({
      state: 'succeeded',
      outcome: { filesRemoved: 7 },
    })
  })

  test('removes nothing while its outcome is unknown, and gets no removal when it never arrived (commit-safety 6)', async () => {
    const before = listTableFiles((await load()).metadata.location)
    listener.faultFor = ({ method, url }) =>
      method === 'POST' && url.includes(`/${identifier.table}`) ? { when: 'before', answer: 'cut' } : null
    await expect(expire(mirrored())).rejects.toMatchObject({ code: 'commit-state-unknown' })
    listener.faultFor = () => null
    expect(await removalCount()).toBe(0)
    await settleAll()
    expect(await removalCount()).toBe(0)
    expect((await load()).metadata.snapshots).toHaveLength(4)
    expect(listTableFiles((await load()).metadata.location)).toEqual(before)
    expect(await pending(mirrored())).toEqual([])
  })
})

test('A viewer sees the dry run of an expiry, and may neither make nor undo nor cancel it', async () => {
  const shown = await request('viewer', 'previewExpiry', { maxAgeMs: 0, retainLast: 1 })
  expect(shown).toMatchObject({ status: 200, body: { snapshots: { main: 1, others: 0, removed: 3 } } })
  const commitAs = (role: Role) =>
    request(role, 'commitChanges', { intents: [shown.body['intent']], confirmedName: `demo.${identifier.table}` })
  expect((await commitAs('viewer')).status).toBe(403)
  const { status, body } = await commitAs('editor')
  expect(status).toBe(200)
  const auditId = String(body['auditId'])
  expect((await request('viewer', 'undoExpiry', {}, { auditId })).status).toBe(403)
  expect((await request('viewer', 'previewExpiryUndo', {}, { auditId })).body).toMatchObject({ problem: null })
  const [entry] = await pending()
  const run = String(entry?.removal?.id)
  expect((await request('viewer', 'listExpiries', {})).body).toMatchObject({
    expiries: [{ auditId, removal: { id: run, canChange: false } }],
  })
  expect((await request('viewer', 'cancelRun', {}, { run })).status).toBe(403)
  expect((await request('editor', 'undoExpiry', {}, { auditId })).status).toBe(200)
})

test('A run counts what takes longer than a page waits, for exactly this table', async () => {
  const preview = () => request('viewer', 'previewExpiry', { maxAgeMs: 0, retainLast: 1 })
  const { body } = await withoutCountLimit(preview)
  const started = await request('viewer', 'startExpiryCount', body['criteria'] as object)
  const again = await request('viewer', 'startExpiryCount', body['criteria'] as object)
  const { id } = started.body['run'] as { id: string }
  expect(again.body).toMatchObject({ run: { id } })
  const stop = new AbortController()
  const kinds = { [COUNT_EXPIRY]: countExpiryRuns(home.services) }
  const loop = runWorkerLoop(home.services, { kinds, concurrency: 1, signal: stop.signal, pollMs: 5 })
  expect(await followRun(home.database, id, { signal, onProgress: () => {}, pollMs: 5 })).toMatchObject({
    state: 'succeeded',
    outcome: { fileCount: 7 },
  })
  stop.abort()
  await loop
  const counted = await request('viewer', 'getExpiryCount', {}, { run: id })
  expect(counted.body['files']).toEqual(body['files'])
  const list = () => request('viewer', 'listExpiryFiles', body['criteria'] as object)
  const listed = await withoutCountLimit(list)
  expect(listed).toMatchObject({ status: 200, body: { list: { fileCount: 7, files: expect.any(Array) } } })
  expect(counted.body['list']).toEqual(listed.body['list'])
  const unknown = { nowMs: 1, olderThanMs: 0, snapshotIds: ['5', '6'] }
  const refused = await request('viewer', 'listExpiryFiles', unknown)
  expect(refused).toMatchObject({ status: 404, body: { detail: 'The table has no snapshots 5, 6.' } })
  expect((await request('viewer', 'getExpiryCount', {}, { run: id, table: 'another' })).status).toBe(404)
})
