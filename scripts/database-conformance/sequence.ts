import type { ConnectionSettings } from '@/lib/contract/connections'
import { claimOfFolders } from '@/server/catalog/embedded/claim'
import * as audit from '@/server/db/audit'
import * as folders from '@/server/db/catalog-folders'
import * as namespaces from '@/server/db/catalog-namespaces'
import * as catalog from '@/server/db/catalog-rows'
import * as credentials from '@/server/db/connection-credentials'
import * as connections from '@/server/db/connections'
import * as sizes from '@/server/db/data-file-sizes'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'
import * as health from '@/server/db/health'
import * as idempotency from '@/server/db/idempotency'
import * as jobs from '@/server/db/jobs'
import * as reports from '@/server/db/metrics-reports'
import * as leases from '@/server/db/run-leases'
import * as logs from '@/server/db/run-logs'
import * as schedules from '@/server/db/schedules'
import * as sessions from '@/server/db/sessions'
import * as tries from '@/server/db/sign-in-tries'
import { tidyDatabase } from '@/server/db/tidy'
import * as tokens from '@/server/db/tokens'
import * as users from '@/server/db/users'
import * as workers from '@/server/db/workers'
import { newRun, NO_LIMITS } from './jobs'
import { GREATEST, NAMES, TEXTS } from './testbed'

/** What each step gave back, in order. */
export type Told = { step: string; outcome: unknown }[]

/** Does the same with any database, by every noun of `server/db`, some of it in vain. */
export async function runSequence(database: Database): Promise<Told> {
  const told: Told = []
  const tell: Tell = async (step, work) => {
    const outcome = await work.catch((error: unknown) => {
      if (error instanceof UnexpectedChanges) return { undoneBy: error.index, changes: error.changes }
      if (error instanceof Error && 'code' in error) return { refused: error.code }
      throw error
    })
    told.push({ step, outcome })
    return outcome
  }
  const people = await addPeople(database, tell)
  await addConnections(database, tell, people)
  await changeCatalog(database, tell)
  await doRuns(database, tell)
  await keepTheRest(database, tell)
  return told
}

type Tell = (step: string, work: Promise<unknown>) => Promise<unknown>
type People = { ada: string; bob: string }

const entry = (action: string, change: Partial<audit.NewAuditEntry> = {}): Change =>
  audit.auditChange({
    actor: { userId: 'u', username: 'ada' },
    action,
    table: { catalog: 'c', namespace: ['a', 'b'], table: 't' },
    tableUuid: 'uuid',
    before: null,
    after: { metadataLocation: `file:///${action}`, properties: { nul: 'a\0b' } },
    requestId: null,
    undoes: null,
    ...change,
  })

async function addPeople(database: Database, tell: Tell): Promise<People> {
  const person = (username: string, role: 'admin' | 'viewer') => ({
    username,
    passwordHash: "it's",
    hasGeneratedPassword: true,
    role,
  })
  const ada = await users.addUser(database, person('Ada', 'admin'), [entry('add')])
  const bob = await users.addUser(database, person('bob', 'viewer'))
  await tell('the same name', users.addUser(database, person('ADA', 'viewer'), [entry('in vain')]))
  await tell('only admin', users.setRole(database, ada, 'viewer'))
  await tell('another admin', users.setRole(database, bob, 'admin'))
  for (const sessionId of ['s1', 's2', 's3'])
    await sessions.openSession(database, { sessionId, userId: ada, lifeMs: 60_000 })
  await tell('password', users.setPassword(database, ada, 'new', { keepSessionId: 's2' }))
  await tell('close', sessions.closeSession(database, 's3'))
  await tell('session', sessions.findOpenSession(database, 's2'))
  const limit = { mostTries: 3, pauseMs: 60_000, forgetAfterMs: 3_600_000 }
  for (const keys of [['a', 'b'], ['a'], ['a', 'c'], ['a']]) await tell('try', tries.addTries(database, keys, limit))
  await tell('back', tries.giveTriesBack(database, ['b'], ['a', 'c']))
  const before = (await tries.readTries(database, ['c'])).get('c') ?? null
  const after = { tries: 7, pauses: 1, pauseMs: 0 }
  await tell('swap', tries.swapTries(database, [{ key: 'c', before, after }], 3_600_000))
  await tell(
    'swap',
    tries.swapTries(
      database,
      [
        { key: 'd', before: null, after },
        { key: 'c', before: null, after },
      ],
      1e9,
    ),
  )
  for (const [i, name] of TEXTS.entries()) {
    const token = { tokenId: `t${i}`, name, role: 'viewer', userId: i % 2 ? ada : bob, secretHash: `h${i}` } as const
    await tell('token', tokens.addToken(database, { ...token, createdAtMs: i, expiresAtMs: i % 3 ? GREATEST : 5 }))
  }
  for (const id of ['t1', 't1', 'none']) await tell('revoke', tokens.revokeToken(database, id, [entry('revoke')]))
  await tell('use', tokens.noteTokenUse(database, { tokenId: 't2', lastUsedAtMs: null }))
  await tell('tokens', tokens.listTokens(database))
  await tell('users', users.listUsers(database))
  return { ada, bob }
}

async function addConnections(database: Database, tell: Tell, { ada, bob }: People): Promise<void> {
  const settings: ConnectionSettings = {
    kind: 'files',
    tables: [{ namespace: ['a.b', 'c'], table: 't', metadataLocation: 'file:///t' }],
    storage: { kind: 'local', roots: ['file:///lake'] },
    mappings: [],
  }
  const edit = (name: string) => ({
    connectionId: connections.newConnectionId(),
    name,
    settings,
    sealed: { x: 'y' },
    by: 'ada',
  })
  const [one, two] = [edit('Lake'), edit('other')]
  await tell('insert', connections.insertConnection(database, one, [entry('connect')]))
  await tell('insert', connections.insertConnection(database, two, []))
  await tell('taken', connections.insertConnection(database, edit('LAKE'), [entry('in vain')]))
  await tell('update', connections.updateConnection(database, { ...one, name: 'LAKE' }, 1, []))
  await tell('too late', connections.updateConnection(database, one, 1, []))
  await tell('taken', connections.updateConnection(database, { ...two, name: 'lake' }, 1, []))
  for (const [connection, userId] of [
    [one, ada],
    [one, bob],
    [two, ada],
  ] as const) {
    const put = { connectionId: connection.connectionId, userId, sealed: `${connection.name} ${userId === ada}` }
    await tell('bind', credentials.putOwnCredentials(database, put, []))
  }
  await tell('unbind', credentials.deleteOwnCredentials(database, { connectionId: one.connectionId, userId: bob }, []))
  const found = await connections.findConnectionByName(database, 'lAKE')
  if (found) await tell('test', connections.keepTest(database, found, { atMs: 5, steps: [] }, []))
  await tell('delete', connections.deleteConnection(database, two.connectionId, []))
  await tell('connections', connections.readConnections(database))
}

async function changeCatalog(database: Database, tell: Tell): Promise<void> {
  const names = ['ns', ...NAMES, 'ns-x', 'ns.a', 'ns/x', 'nsa', 'ns.a.b']
  const ref = (table: string, namespace = ['ns']) => ({ catalog: 'c', namespace, table })
  for (const name of names) {
    await tell(`make ${name}`, database.commit([namespaces.insertNamespace('c', name.split('.'))]))
    const place = `file:///lake/${name}`
    const claim = claimOfFolders([place], [])
    const row = catalog.insertRow(ref(name), `${place}/metadata/v1.json`, name < 'b' ? 'table' : 'view', claim)
    const record = folders.recordFolders(ref(name), [{ folder: `${place}/data/`, claim }])
    await tell(`table ${name}`, database.commit([row, ...record, entry(name)]))
    await tell(`property ${name}`, database.commit([namespaces.setNamespaceProperty('c', ['ns'], name, name)]))
  }
  for (const change of [
    catalog.swapMetadata(ref('A'), 'file:///lake/A/metadata/v1.json', 'v2', 'table'),
    catalog.swapMetadata(ref('A'), 'file:///lake/A/metadata/v1.json', 'v3', 'table'),
    catalog.holdRow(ref('A'), 'v2'),
    catalog.renameRow(ref('A'), ref('A'), 'table'),
    catalog.renameRow(ref('A'), ref('B'), 'table'),
    catalog.renameRow(ref('A'), ref('new', ['ns', 'a']), 'table'),
    catalog.deleteRow(ref('B'), null, 'table'),
    catalog.deleteRow(ref('B'), 'file:///lake/B/metadata/v1.json', 'table'),
    namespaces.deleteNamespaceProperty('c', ['ns'], 'ä'),
    namespaces.insertNamespaceProperty('c', ['ns'], 'a', 'again'),
    namespaces.markNamespace('c', ['marked']),
    namespaces.deleteEmptyNamespace('c', ['ns'], 1),
    namespaces.deleteEmptyNamespace('c', ['nsa'], 1),
    ...folders.renameFolders(ref('A'), ref('new', ['ns', 'a'])),
    folders.forgetFolders(ref('Z')),
  ])
    await tell('change', database.commit([change]))
  for (const isDirect of [true, false])
    for (const parent of [null, ['ns'], ['a']])
      await tell('namespaces', namespaces.readNamespaces(database, 'c', parent, { isDirect }))
  for (const kind of ['table', 'view'] as const) await tell('names', catalog.readNames(database, 'c', ['ns'], kind))
  await tell('properties', namespaces.readNamespaceProperties(database, 'c', ['ns']))
  const tables = (refs: readonly { table: string }[]) => refs.map(({ table }) => table).sort()
  await tell('below', catalog.readRowsBelow(database, ['file:///lake/a/', 'file:///lake/Z/']).then(tables))
  const recorded = { folders: [], prefixes: ['file:///lake/a/'], limit: 9 }
  await tell('recorded', folders.readRecorded(database, recorded).then(tables))
  await tell('audit', audit.listAudit(database, { limit: 500 }))
}

async function doRuns(database: Database, tell: Tell): Promise<void> {
  const error = { code: 'internal', detail: 'x', facts: {} } as const
  const progress = { phase: 'p', bytesRead: GREATEST, bytesTotal: 1, rowsRead: 1, filesWritten: 1 }
  const ids: string[] = []
  for (let i = 0; i < 8; i += 1)
    ids.push(
      await jobs.queueRun(database, newRun({ kind: i % 2 ? 'odd' : 'even', exclusiveKey: i < 2 ? 'key' : null })),
    )
  const claimed: string[] = []
  for (let i = 0; i < 6; i += 1) {
    const claim = await leases.claimRun(database, 'w', { overall: 5, byKind: { odd: 2 } })
    if (claim) claimed.push(claim.run.id)
  }
  await tell('claimed', Promise.resolve(claimed))
  const [a = '', b = '', c = '', d = ''] = claimed
  await tell('renew', leases.renewLease(database, a, 'w', progress))
  await tell('journal', database.commit([leases.journalChange(b, 'w', { files: ['a\0'] })]))
  await tell('succeeded', database.commit([leases.succeededChange(a, 'w', { rows: 1 }, progress), entry('run')]))
  await tell('again', database.commit([entry('in vain'), leases.succeededChange(a, 'w', {}, progress)]))
  await tell('failed', leases.endRun(database, b, 'w', 'failed', error))
  await tell('requeued', leases.requeueRun(database, c, 'w'))
  await tell('later', leases.retryLater(database, d, 'w', { pauseMs: 60_000, error }))
  for (const id of ids) await tell('cancel', jobs.requestCancel(database, id))
  const next = await leases.claimRun(database, 'w', NO_LIMITS)
  await tell('abandon', leases.abandonRun(database, next?.run.id ?? claimed[4] ?? '', 'w', 0))
  const lines = TEXTS.map((text, i) => ({ atMs: i, level: 'info' as const, text: `${text}\0` }))
  await tell('log', database.commit(logs.logChanges(a, lines)))
  await tell('log', database.commit(logs.logChanges(a, lines.slice(0, 1), { isOfWorker: true })))
  await tell('read', logs.readLog(database, a, 2, 5))
  await tell('last', logs.lastLines(database, ids))
  await tell('runs', jobs.listRuns(database, { limit: 99 }))
  await tell('ended', jobs.listEndedRuns(database, { ids: ids.slice(0, 2), after: ids[5] ?? '', limit: 9 }))
  await tell('kinds', jobs.listKindsOfRuns(database))
  const { scheduleId: _, ...task } = newRun()
  for (const title of NAMES) {
    const times = { cron: '* * * * *', timeZone: 'UTC', isEnabled: true, nextAtMs: 5 }
    await schedules.ensureSchedule(database, { id: title, ...task, title, ...times })
  }
  await tell('move', schedules.moveOn(database, { id: 'a', nextAtMs: 5 }, { nextAtMs: null, skippedAtMs: GREATEST }))
  await tell('move', schedules.moveOn(database, { id: 'a', nextAtMs: 5 }, { nextAtMs: 6 }, [entry('in vain')]))
  await tell('note', database.commit([schedules.lastRunChange('B', a, null)]))
  const off = { cron: 'x', timeZone: 'y', isEnabled: false, nextAtMs: null }
  await tell('times', database.commit([schedules.setTimesChange('Z', off)]))
  await tell('schedules', schedules.listSchedules(database))
}

async function keepTheRest(database: Database, tell: Tell): Promise<void> {
  for (const [i, path] of NAMES.entries()) {
    const measured = {
      plainBytes: i % 2 ? null : GREATEST,
      plainSource: null,
      encodedBytes: i,
      storedBytes: i,
      codecs: {},
    }
    await tell('sizes', database.commit([sizes.keepFileSizes('uuid', path, measured)]))
  }
  await tell('known', sizes.knownFileSizes(database, NAMES))
  for (const report of TEXTS) {
    const table = { catalog: 'c', namespace: ['a', 'b'], table: 't' }
    const kept = { table, kind: 'scan-report', snapshotId: null, userId: 'u', report } as const
    await tell('report', database.commit(reports.keepReport(kept)))
  }
  for (const key of ['k1', 'k2', 'k1'])
    await tell('answer', database.commit(idempotency.answerChanges({ actorId: 'u', key, operation: 'o' }, `of ${key}`)))
  await tell('probe', health.probeWrite(database))
  await tell('seen', workers.seeWorker(database, 'w'))
  await tell('seen', workers.seeWorker(database, 'gone'))
  await tell('gone', workers.forgetWorker(database, 'gone'))
  await tell('tidy', tidyDatabase(database, { signal: new AbortController().signal }))
  await tell('missing', health.missingMigrations(database))
}
