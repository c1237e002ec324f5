import type { ConnectionSettings } from '@/lib/contract/connections'
import { toFolderClaim } from '@/server/catalog/embedded/folders/folder-claim'
import * as audit from '@/server/db/audit'
import { listAudit } from '@/server/db/audit-list'
import * as folders from '@/server/db/catalog/table-folders'
import * as namespaces from '@/server/db/catalog/namespaces'
import * as catalog from '@/server/db/catalog/table-rows'
import * as credentials from '@/server/db/catalog/connection-credentials'
import * as connections from '@/server/db/catalog/connections'
import * as sizes from '@/server/db/catalog/data-file-sizes'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'
import * as health from '@/server/db/health'
import * as idempotency from '@/server/db/idempotency'
import * as jobs from '@/server/db/jobs/runs'
import * as reports from '@/server/db/catalog/metrics-reports'
import * as leases from '@/server/db/jobs/run-leases'
import * as logs from '@/server/db/jobs/run-logs'
import * as schedules from '@/server/db/jobs/schedules'
import * as sessions from '@/server/db/auth/sessions'
import * as signInAttempts from '@/server/db/auth/sign-in-attempts'
import { tidyDatabase } from '@/server/db/tidy'
import * as tokens from '@/server/db/auth/tokens'
import * as users from '@/server/db/auth/users'
import * as workers from '@/server/db/jobs/workers'
import { newRun, NO_LIMITS } from './jobs/jobs'
import { MAX_INTEGER, NAMES, TEXTS } from './testbed'

/** The result of each step, in order. */
export type StepOutcomes = { step: string; outcome: unknown }[]

/** Performs the same steps on any database, with every module of `server/db`. Some of them are meant to fail. */
export async function runSequence(database: Database): Promise<StepOutcomes> {
  const outcomes: StepOutcomes = []
  const recordStep: RecordStep = async (step, work) => {
    const outcome = await work.catch((error: unknown) => {
      if (error instanceof UnexpectedChanges) return { undoneBy: error.index, changes: error.changes }
      if (error instanceof Error && 'code' in error) return { refused: error.code }
      throw error
    })
    outcomes.push({ step, outcome })
    return outcome
  }
  const people = await addPeople(database, recordStep)
  await addConnections(database, recordStep, people)
  await changeCatalog(database, recordStep)
  await changeRuns(database, recordStep)
  await storeOtherRows(database, recordStep)
  return outcomes
}

type RecordStep = (step: string, work: Promise<unknown>) => Promise<unknown>
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

async function addPeople(database: Database, recordStep: RecordStep): Promise<People> {
  const person = (username: string, role: 'admin' | 'viewer') => ({
    username,
    passwordHash: "it's",
    hasGeneratedPassword: true,
    role,
  })
  const ada = await users.addUser(database, person('Ada', 'admin'), [entry('add')])
  const bob = await users.addUser(database, person('bob', 'viewer'))
  await recordStep('the same name', users.addUser(database, person('ADA', 'viewer'), [entry('in vain')]))
  await recordStep('only admin', users.setRole(database, ada, 'viewer'))
  await recordStep('another admin', users.setRole(database, bob, 'admin'))
  for (const sessionId of ['s1', 's2', 's3'])
    await sessions.openSession(database, { sessionId, userId: ada, lifeMs: 60_000 })
  await recordStep('password', users.setPassword(database, ada, 'new', { keepSessionId: 's2' }))
  await recordStep('close', sessions.closeSession(database, 's3'))
  await recordStep('session', sessions.findOpenSession(database, 's2'))
  const limit = { maxAttempts: 3, pauseMs: 60_000, forgetAfterMs: 3_600_000 }
  for (const keys of [['a', 'b'], ['a'], ['a', 'c'], ['a']])
    await recordStep('try', signInAttempts.countAttempts(database, keys, limit))
  await recordStep('back', signInAttempts.refundAttempts(database, ['b'], ['a', 'c']))
  const before = (await signInAttempts.readAttemptCounts(database, ['c'])).get('c') ?? null
  const after = { attempts: 7, pauses: 1, pauseMs: 0 }
  await recordStep('swap', signInAttempts.swapAttemptCounts(database, [{ key: 'c', before, after }], 3_600_000))
  await recordStep(
    'swap',
    signInAttempts.swapAttemptCounts(
      database,
      [
        { key: 'd', before: null, after },
        { key: 'c', before: null, after },
      ],
      1e9,
    ),
  )
  for (const [i, name] of TEXTS.entries()) {
    const token = {
      tokenId: `t${i}`,
      name,
      limit: { role: 'viewer', resource: {} },
      userId: i % 2 ? ada : bob,
      secretHash: `h${i}`,
    } as const
    await recordStep(
      'token',
      tokens.addToken(database, { ...token, createdAtMs: i, expiresAtMs: i % 3 ? MAX_INTEGER : 5 }),
    )
  }
  for (const id of ['t1', 't1', 'none']) await recordStep('revoke', tokens.revokeToken(database, id, [entry('revoke')]))
  await recordStep('use', tokens.recordTokenUse(database, { tokenId: 't2', secretHash: 'h2', lastUsedAtMs: null }))
  await recordStep(
    'rotate',
    tokens.rotateToken(database, 't4', { secretHash: 'h4b', replacedHash: 'h4', overlapMs: 1000 }, [entry('rotate')]),
  )
  await recordStep('tokens', tokens.listTokens(database))
  await recordStep('users', users.listUsers(database))
  return { ada, bob }
}

async function addConnections(database: Database, recordStep: RecordStep, { ada, bob }: People): Promise<void> {
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
    editedBy: 'ada',
  })
  const [one, two] = [edit('Lake'), edit('other')]
  await recordStep('insert', connections.insertConnection(database, one, [entry('connect')]))
  await recordStep('insert', connections.insertConnection(database, two, []))
  await recordStep('taken', connections.insertConnection(database, edit('LAKE'), [entry('in vain')]))
  await recordStep('update', connections.updateConnection(database, { ...one, name: 'LAKE' }, 1, []))
  await recordStep('too late', connections.updateConnection(database, one, 1, []))
  await recordStep('taken', connections.updateConnection(database, { ...two, name: 'lake' }, 1, []))
  for (const [connection, userId] of [
    [one, ada],
    [one, bob],
    [two, ada],
  ] as const) {
    const put = { connectionId: connection.connectionId, userId, sealed: `${connection.name} ${userId === ada}` }
    await recordStep('bind', credentials.saveUserCredentials(database, put, []))
  }
  await recordStep(
    'unbind',
    credentials.deleteUserCredentials(database, { connectionId: one.connectionId, userId: bob }, []),
  )
  const found = await connections.findConnectionByName(database, 'lAKE')
  if (found) await recordStep('test', connections.saveTestResult(database, found, { atMs: 5, steps: [] }, []))
  await recordStep('delete', connections.deleteConnection(database, two.connectionId, []))
  await recordStep('connections', connections.readConnections(database))
}

async function changeCatalog(database: Database, recordStep: RecordStep): Promise<void> {
  const names = ['ns', ...NAMES, 'ns-x', 'ns.a', 'ns/x', 'nsa', 'ns.a.b']
  const tableIdentifier = (table: string, namespace = ['ns']) => ({ catalog: 'c', namespace, table })
  for (const name of names) {
    await recordStep(`make ${name}`, database.commit([namespaces.insertNamespace('c', name.split('.'))]))
    const folder = `file:///lake/${name}`
    const claim = toFolderClaim([folder], [])
    const row = catalog.insertRow(
      tableIdentifier(name),
      `${folder}/metadata/v1.json`,
      name < 'b' ? 'table' : 'view',
      claim,
    )
    const record = folders.recordFolders(tableIdentifier(name), [{ folder: `${folder}/data/`, claim }])
    await recordStep(`table ${name}`, database.commit([row, ...record, entry(name)]))
    await recordStep(`property ${name}`, database.commit([namespaces.setNamespaceProperty('c', ['ns'], name, name)]))
  }
  for (const change of [
    catalog.swapMetadata(tableIdentifier('A'), 'file:///lake/A/metadata/v1.json', 'v2', 'table'),
    catalog.swapMetadata(tableIdentifier('A'), 'file:///lake/A/metadata/v1.json', 'v3', 'table'),
    catalog.requireUnchangedRow(tableIdentifier('A'), 'v2'),
    catalog.renameRow(tableIdentifier('A'), tableIdentifier('A'), 'table'),
    catalog.renameRow(tableIdentifier('A'), tableIdentifier('B'), 'table'),
    catalog.renameRow(tableIdentifier('A'), tableIdentifier('new', ['ns', 'a']), 'table'),
    catalog.deleteRow(tableIdentifier('B'), null, 'table'),
    catalog.deleteRow(tableIdentifier('B'), 'file:///lake/B/metadata/v1.json', 'table'),
    namespaces.deleteNamespaceProperty('c', ['ns'], 'ä'),
    namespaces.insertNamespaceProperty('c', ['ns'], 'a', 'again'),
    namespaces.insertNamespaceMarker('c', ['marked']),
    namespaces.deleteEmptyNamespace('c', ['ns'], 1),
    namespaces.deleteEmptyNamespace('c', ['nsa'], 1),
    ...folders.renameFolders(tableIdentifier('A'), tableIdentifier('new', ['ns', 'a'])),
    folders.deleteFolders(tableIdentifier('Z')),
  ])
    await recordStep('change', database.commit([change]))
  for (const isDirect of [true, false])
    for (const parent of [null, ['ns'], ['a']])
      await recordStep('namespaces', namespaces.readNamespaces(database, 'c', parent, { isDirect }))
  for (const kind of ['table', 'view'] as const)
    await recordStep('names', catalog.readNames(database, 'c', ['ns'], kind))
  await recordStep('properties', namespaces.readNamespaceProperties(database, 'c', ['ns']))
  const tables = (refs: readonly { table: string }[]) => refs.map(({ table }) => table).sort()
  await recordStep('below', catalog.readRowsBelow(database, ['file:///lake/a/', 'file:///lake/Z/']).then(tables))
  const recorded = { folders: [], prefixes: ['file:///lake/a/'], limit: 9 }
  await recordStep('recorded', folders.readFolderOwners(database, recorded).then(tables))
  await recordStep('audit', listAudit(database, { limit: 500 }))
}

async function changeRuns(database: Database, recordStep: RecordStep): Promise<void> {
  const error = { code: 'internal', detail: 'x', facts: {} } as const
  const progress = { phase: 'p', done: MAX_INTEGER, total: null, unit: 'bytes', counters: { rowsRead: 1 } } as const
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
  await recordStep('claimed', Promise.resolve(claimed))
  const [a = '', b = '', c = '', d = ''] = claimed
  await recordStep('renew', leases.renewLease(database, a, 'w', progress))
  await recordStep('journal', database.commit([leases.journalChange(b, 'w', { files: ['a\0'] })]))
  await recordStep('succeeded', database.commit([leases.successChange(a, 'w', { rows: 1 }, progress), entry('run')]))
  await recordStep('again', database.commit([entry('in vain'), leases.successChange(a, 'w', {}, progress)]))
  await recordStep('failed', leases.endRun(database, b, 'w', 'failed', error))
  await recordStep('requeued', leases.requeueRun(database, c, 'w'))
  await recordStep('later', leases.retryLater(database, d, 'w', { pauseMs: 60_000, error }))
  for (const id of ids) await recordStep('cancel', jobs.requestCancel(database, id))
  const next = await leases.claimRun(database, 'w', NO_LIMITS)
  await recordStep('abandon', leases.abandonRun(database, next?.run.id ?? claimed[4] ?? '', 'w', { pauseMs: 0, error }))
  const lines = TEXTS.map((text, i) => ({ atMs: i, level: 'info' as const, text: `${text}\0` }))
  await recordStep('log', database.commit(logs.logChanges(a, lines)))
  await recordStep('log', database.commit(logs.logChanges(a, lines.slice(0, 1), { isFromWorker: true })))
  await recordStep('read', logs.readLog(database, a, 2, 5))
  await recordStep('last', logs.readLastLines(database, ids))
  await recordStep('runs', jobs.listRuns(database, { limit: 99 }))
  await recordStep('ended', jobs.listEndedRuns(database, { ids: ids.slice(0, 2), after: ids[5] ?? '', limit: 9 }))
  await recordStep('kinds', jobs.listRunKinds(database))
  const { scheduleId: _, ...task } = newRun()
  for (const title of NAMES) {
    const times = { cron: '* * * * *', timeZone: 'UTC', isEnabled: true, nextAtMs: 5 }
    await schedules.ensureSchedule(database, { id: title, ...task, title, ...times })
  }
  await recordStep(
    'move',
    schedules.advanceSchedule(database, { id: 'a', nextAtMs: 5 }, { nextAtMs: null, skippedAtMs: MAX_INTEGER }),
  )
  await recordStep(
    'move',
    schedules.advanceSchedule(database, { id: 'a', nextAtMs: 5 }, { nextAtMs: 6 }, [entry('in vain')]),
  )
  await recordStep('note', database.commit([schedules.lastRunChange('B', a, null)]))
  const off = { cron: 'x', timeZone: 'y', isEnabled: false, nextAtMs: null }
  const edited = await schedules.readSchedule(database, 'Z')
  if (edited) {
    await recordStep('times', database.commit([schedules.editScheduleChange(edited, { ...edited, ...off })]))
    await recordStep('pause', database.commit([schedules.pauseScheduleChange(edited, 'late')]))
  }
  const saved = { ...task, title: 'saved', cron: '', timeZone: '', isEnabled: true, nextAtMs: 1 }
  const watched = [{ catalog: 'c', namespace: ['a', 'b.c'], table: 't' }]
  const owned = { ...saved, id: 'saved', ownerId: 'u', startsBy: 'tables', watchedTables: watched } as const
  await recordStep('save', schedules.createSchedule(database, owned, { hasNoLimit: false }))
  await recordStep('head', schedules.advanceSchedule(database, owned, { nextAtMs: 2, seenHeads: ['7', null] }))
  await recordStep('state', database.commit([schedules.scheduleStateChange('saved', { at: 'a\0' })]))
  await recordStep('failed', schedules.listFailedSchedules(database))
  await recordStep('schedules', schedules.listSchedules(database))
}

async function storeOtherRows(database: Database, recordStep: RecordStep): Promise<void> {
  for (const [i, path] of NAMES.entries()) {
    const measured = {
      plainBytes: i % 2 ? null : MAX_INTEGER,
      plainSource: null,
      encodedBytes: i,
      storedBytes: i,
      codecs: {},
    }
    await recordStep('sizes', database.commit([sizes.insertFileSizes('uuid', path, measured)]))
  }
  await recordStep('known', sizes.readFileSizes(database, NAMES))
  for (const report of TEXTS) {
    const table = { catalog: 'c', namespace: ['a', 'b'], table: 't' }
    const metricsReport = { table, kind: 'scan-report', snapshotId: null, userId: 'u', report } as const
    await recordStep('report', database.commit(reports.reportChanges(metricsReport)))
  }
  for (const key of ['k1', 'k2', 'k1'])
    await recordStep(
      'answer',
      database.commit(idempotency.responseChanges({ actorId: 'u', key, operation: 'o' }, `of ${key}`)),
    )
  await recordStep('probe', health.probeWrite(database))
  await recordStep('seen', workers.recordHeartbeat(database, 'w'))
  await recordStep('seen', workers.recordHeartbeat(database, 'gone'))
  await recordStep('gone', workers.removeWorker(database, 'gone'))
  await recordStep('tidy', tidyDatabase(database, { signal: new AbortController().signal }))
  await recordStep('missing', health.readMissingMigrations(database))
}
