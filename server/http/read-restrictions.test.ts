import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { METADATA_TABLE_NAMES } from '@/lib/iceberg/metadata/metadata-table-names'
import { EMPTY_HISTORY } from '@/lib/facts/fold-version'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import type { Change } from '@/server/db/database'
import { newHistoryChange } from '@/server/db/facts/histories'
import { partitionProgressChange } from '@/server/db/facts/partitions/due-partitions'
import { partitionDayChanges } from '@/server/db/facts/partitions/partition-days'
import { toDay } from '@/server/db/facts/sum-tables'
import { queueRun, readRun } from '@/server/db/jobs/runs'
import { crawlRuns } from '@/server/search/crawl-catalog'
import { INDEX_CATALOG } from '@/server/search/crawl-queue'
import type { DatedOutcome } from '@/server/table/checks/queued-checks'
import { findReadableOutcomes } from '@/server/table/checks/readable-outcomes'
import { appendBytes } from '@/server/uploads/append-bytes'
import { PartMemory } from '@/server/uploads/part-memory'
import { createUpload } from '@/server/uploads/create-upload'
import { runKinds } from '@/server/worker/run-kinds'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { requestWith } from '@/testing/contract/request-with'
import { sampleInput } from '@/testing/contract/sample-input'
import { createEngineHere } from '@/testing/engines/engine-here'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { LandingTable } from '@/testing/ingest/landing-table'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { runContext } from '@/testing/jobs/run-context'

/**
 * A table that its catalog restricts, or sends as one of format version 4, at every endpoint of the contract: with
 * values that are easy to recognise in its rows, bounds, partitions, and names of files. An endpoint that is not listed
 * here fails.
 */

const home = createTestHome(
  {
    LAKESHORE_LOCAL_ROOTS: tmpdir(),
    LAKESHORE_QUERY_PROCESSES: '1',
    LAKESHORE_LOAD_LOCATIONS: 'drop=file:///srv/lakeshore-no-such-drop',
  },
  { createSqlEngine: createEngineHere, ...STAGE_HERE },
)

const CSV = 'id,city,secret\n7770001,leakcity,leakrow\n7770002,leakcity,leakother\n'
/** A value of a row, also as a bound, in a partition or in the name of a file. */
const VALUE = /leak(?:city|row|other)|(?<!\d)777000[12](?!\d)/i
const RESTRICTION = {
  'required-row-filter': {
    type: 'eq',
    left: { type: 'reference', id: 2 },
    right: { type: 'literal', value: 'elsewhere' },
  },
}

const signal = new AbortController().signal
let admin: SignedInUser
let token: string
let listener: RestListener
let isRestricted = false
/** Whether the metadata that the catalog sends is of format version 4. */
let isDraft = false
/** The fields of inputs, by their names. */
let known: Record<string, unknown>

beforeAll(async () => {
  admin = await signInAs(home.services, 'admin')
  token = await createRestTokenAs(home.services, 'admin')
  const actor = actorFor({ ...admin, role: 'admin' })
  const table = await LandingTable.create(home.services, {
    name: 't1',
    fields: [
      { id: 1, name: 'id', required: false, type: 'long' },
      { id: 2, name: 'city', required: false, type: 'string' },
      { id: 3, name: 'secret', required: false, type: 'string' },
    ],
    partitionBy: 'city',
    properties: { 'lakeshore.check.none': 'select * from landing.t1 where id is null' },
  })
  await table.landed(CSV, 'append')
  await table.landed(CSV, 'append')
  await table.landed(CSV, 'append', { branch: 'audit' })
  listener = await startRestListener(home.services)
  listener.changeResponse = changeTables
  await home.database.commit(storedPartitions({ catalog: 'remote', namespace: ['landing'], table: 't1' }))
  await addMirror(home, { name: 'remote', listener, token, admin: actor, storage: 'local' })
  const { metadata, metadataLocation } = await table.loaded()
  const [live] = await table.files()
  const target = { catalog: 'remote', namespace: table.identifier.namespace, table: table.identifier.table }
  const text = Buffer.from('id,city,secret\n1,a,b\n')
  const upload = await createUpload(home.services, actor, { target, fileName: 'a.csv', sizeBytes: text.length })
  await appendBytes(home.services, upload, once(text), {
    checksum: null,
    memory: new PartMemory(),
    requireWriter: async () => {},
  })
  known = {
    connection: 'remote',
    query: 'leak',
    catalog: 'remote',
    namespace: joinNamespace(target.namespace),
    table: target.table,
    file: live?.dataFile.filePath,
    tip: metadata.refs['main']?.snapshotId,
    first: metadata.snapshots[0]?.snapshotId,
    audit: metadata.refs['audit']?.snapshotId,
    tableUuid: metadata.tableUuid,
    metadataLocation,
    firstMetadata: metadata.metadataLog[0]?.metadataFile,
    uploadId: upload.uploadId,
    fromMs: String(metadata.lastUpdatedMs - 3_600_000),
    toMs: String(metadata.lastUpdatedMs + 3_600_000),
    stepMs: '3600000',
    dataFolder: `${metadata.location}/data`,
  }
})
afterAll(() => listener.stop())

/** The history of a table that was read by partition before. */
function storedPartitions(table: TableIdentifier): Change[] {
  const id = 1
  const history = { id, table, tableUuid: 'u', metadataLocation: null, droppedAtMs: null, state: EMPTY_HISTORY }
  const day = toDay(Date.now())
  return [
    newHistoryChange({ ...history, version: { properties: {} } as never }),
    partitionProgressChange(id, null, { seq: 0, specId: 0, isPartitioned: true }),
    ...partitionDayChanges(
      id,
      [day],
      [{ period: day, partition: 'city=leakcity', term: 'came-in', rows: 2, files: 1, bytes: 9, unread: 0 }],
    ),
  ]
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** The responses of a catalog without ETags, whose summaries count files by partition. */
async function changeTables(request: Request, response: Response): Promise<Response> {
  if (request.method !== 'GET' || !/\/tables\/[^/]+$/.test(new URL(request.url).pathname)) return response
  const text = (await response.text()).replaceAll(
    '"summary":{',
    '"summary":{"partitions.city=leakcity":"added-files-size=1",',
  )
  if (isDraft)
    return new Response(text.replace('"format-version":2', '"format-version":4,"next-row-id":0'), {
      status: response.status,
    })
  const restrictions = `"read-restrictions":${JSON.stringify(RESTRICTION)},`
  return new Response(isRestricted ? text.replace('{', `{${restrictions}`) : text, { status: response.status })
}

async function send(name: string, fields: Record<string, unknown> = {}): Promise<{ status: number; text: string }> {
  const endpoint = findEndpoint(name)
  const { shape } = endpoint.input
  const common = Object.fromEntries(Object.entries(known).filter(([field]) => Object.hasOwn(shape, field)))
  const input = { ...sampleInput(endpoint.input), ...common, ...fields }
  const { request, params } = requestWith(endpoint, input, admin.cookie)
  const response = await (await loadRouteHandler(home.services, endpoint))(request, { params: Promise.resolve(params) })
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
  // Rows in Arrow's format are in base64.
  const rows = [...text.matchAll(/"arrow":"([^"]*)"/g)].map(([, base64 = '']) => Buffer.from(base64, 'base64'))
  return { status: response.status, text: text + Buffer.concat(rows).toString('latin1') }
}

/** The fields of a request, in addition to those of the table. It is called when all are known. */
type Case = () => Record<string, unknown>
const none: Case = () => ({})
const sql = () => 'select * from landing.t1'
/** The change that is made before the restriction, and undone after it. */
const NOTE = { kind: 'set-property', key: 'note', value: 'before', base: null }
const OWNER = { kind: 'set-property', key: 'owner', value: 'ada', base: null }
const CLONE = { toCatalog: 'local', toNamespace: 'landing', toTable: 'copy' }
const statement = () => ({ sql: sql(), cursor: 0, connection: 'remote' })
const deletion = () => ({ where: 'id > 5' })
const expired = () => ({ retainLast: 1, olderThanMs: Date.parse('2099-01-01') })
const expiredAt = () => ({ ...expired(), nowMs: Date.parse('2100-01-01') })
const moved = () => ({ snapshot: known['first'], branch: 'main' })
const readMetadataOf = (name: string, columns: string) => () => ({
  name,
  metadata: known['metadataLocation'],
  snapshot: known['tip'],
  columns,
})

/** Endpoints that read files of the table. Before the restriction they answer. */
const READS: Record<string, Case> = {
  scanTable: none,
  listPlannedFiles: none,
  getNullShares: none,
  listDifferingFiles: none,
  compareSnapshots: () => ({ before: { snapshot: known['first'] }, after: {} }),
  readTableRows: none,
  listFiles: none,
  getFile: none,
  listManifests: none,
  listObjects: () => ({ folder: known['dataFolder'] }),
  summarizeFiles: none,
  readFileBytes: () => ({ index: '0' }),
  readSnapshotFile: none,
  getMetadataTable: () => ({ name: 'files' }),
  readMetadataRows: readMetadataOf('files', 'file_path,lower_bounds'),
  simulateLayouts: () => ({ candidates: [{ fields: [{ sourceId: 3, transform: 'identity' }] }], sortColumns: [3] }),
  getColumnStorage: none,
  getCompressionTrial: () => ({ column: '3' }),
  getRewritePreview: none,
  reviewRowDeletion: deletion,
  reviewClone: () => CLONE,
  previewRefMove: moved,
  previewRefDrop: () => ({ refName: 'audit' }),
  previewRefRetention: () => ({ refName: 'audit', type: 'branch', snapshotId: known['audit'] }),
  previewExpiry: expired,
  listExpiryFiles: expiredAt,
  reviewCherryPick: () => ({ snapshotId: known['audit'] }),
  listPublications: none,
  getAddedFiles: () => ({ snapshot: known['tip'] }),
  getIngestion: () => ({
    by: 'partition',
    measure: 'rows',
    step: 'day',
    timeZone: 'UTC',
    previousFromMs: '0',
  }),
  compareMetadataFiles: () => ({ from: known['firstMetadata'], to: known['metadataLocation'] }),
  listPurgedFiles: none,
  runDraftCheck: () => ({ snapshotId: known['tip'], sql: 'select * from this_table' }),
  runQueryOnServer: () => ({ ...statement(), connections: ['remote', 'local'], maxRows: 10 }),
}

/** Endpoints that queue such work, or change files of the table. */
const WORK: Record<string, Case> = {
  readDeleteFileBytes: () => ({ index: '0' }),
  startCompressionTrial: () => ({ fieldId: 3 }),
  startRewrite: none,
  startRowDeletion: () => ({ ...deletion(), confirmedName: 'landing.t1' }),
  startClone: () => ({
    ...CLONE,
    snapshotId: known['tip'],
    schemaId: 0,
    keepsPartitioning: false,
    keepsSortOrder: false,
    keepsDescription: false,
    properties: [],
  }),
  startExpiryCount: expiredAt,
  startChecks: () => ({ snapshotId: known['tip'] }),
  commitCherryPick: () => ({ snapshotId: known['audit'], tipSnapshotId: known['tip'] }),
  startLoad: () => ({ inputs: [{ uploadId: known['uploadId'] }], format: 'csv' }),
  saveLoad: () => ({ inputs: [{ location: 'drop', path: 'a.csv' }], format: 'csv', name: 'a load' }),
  saveResult: () => ({ query: statement() }),
  repeatResult: () => ({ query: statement(), name: 'a result' }),
}

/** Endpoints that may answer, and why. */
const ANSWERS: Record<string, Record<string, Case>> = {
  'It shows metadata that the catalog sent, without the values of partitions in summaries.': {
    getTable: none,
    getTableLayouts: none,
    listSnapshots: none,
    listRefs: none,
    listMetadataFiles: none,
    reviewTableRename: () => ({ toNamespace: 'landing', toTable: 't2' }),
    reviewTableDrop: none,
    reviewChanges: () => ({ intents: [OWNER] }),
    previewUndo: () => ({ auditId: known['auditId'] }),
  },
  'It shows what this console recorded: history, grants, schedules, and counts of runs.': {
    listTableClients: none,
    readTableGrowth: () => ({ range: '30d' }),
    listTableUses: none,
    listHistory: none,
    listExpiries: none,
    listProposals: none,
    findChange: none,
    getRewrite: none,
    listRuns: none,
    listAuditEntries: none,
    countAuditEntries: none,
    exportAudit: none,
    listGrants: none,
    listGrantHolders: none,
    listAccess: none,
    getEffectiveAccess: () => ({ userId: admin.userId }),
    checkPermission: () => ({ userId: admin.userId, permission: 'table:read' }),
  },
  'It reads the files that would be loaded, and none of the table.': {
    previewLoad: () => ({ input: { uploadId: known['uploadId'] }, format: 'csv' }),
    findRepeatedInputs: () => ({ inputs: [{ uploadId: known['uploadId'] }] }),
    sampleLoad: () => ({ input: { uploadId: known['uploadId'] }, format: 'csv' }),
    listLoadLocations: none,
    listLocationFiles: () => ({ location: 'drop' }),
    findLocationFiles: () => ({ location: 'drop', match: '*.csv' }),
  },
  'It is about a table that is not there yet: its catalog says what may be read of it.': {
    reviewNewTable: () => ({ table: 't9' }),
    createTable: () => ({ table: 't9' }),
    findNewTable: () => ({ table: 't9' }),
    reviewRegistration: () => ({ table: 't9', metadataLocation: known['firstMetadata'] }),
    registerTable: () => ({ table: 't9', metadataLocation: known['firstMetadata'] }),
  },
  'It names something that this table does not have here, and reads earlier metadata only through the store of the table.':
    {
      getExpiryCount: none,
      getProposal: none,
      commitProposal: none,
      returnProposal: none,
      withdrawProposal: none,
      previewExpiryUndo: none,
      undoExpiry: none,
    },
  'It changes an entry of the catalog or of this console, and reads no file.': {
    commitChanges: () => ({ intents: [OWNER] }),
    undoAction: () => ({ auditId: known['auditId'] }),
    publish: () => ({ snapshotId: known['audit'], branch: 'audit', mainSnapshotId: known['tip'] }),
    proposeChanges: () => ({ title: 't', action: { kind: 'change-table', intents: [OWNER] } }),
    addGrant: () => ({ holder: { kind: 'everyone', id: 'everyone' }, role: 'viewer' }),
    requestAccess: none,
    renameTable: () => ({ toNamespace: 'landing', toTable: 't2', confirmedName: 'landing.t1' }),
    dropTable: () => ({ table: 't2', confirmedName: 'landing.t2', metadataLocation: known['metadataLocation'] }),
  },
}

const [SHOWN = '', RECORDED = ''] = Object.keys(ANSWERS)
/** The reasons of endpoints that have to answer, because the page of the table shows this. */
const MUST_ANSWER = new Set([SHOWN, RECORDED])
const REFUSED = Object.entries({ ...READS, ...WORK })
const LISTED = new Set([...REFUSED.map(([name]) => name), ...Object.values(ANSWERS).flatMap(Object.keys)])

/** The reads with values in their responses. The other ones return counts, sizes or names. */
const SHOWING: readonly string[] = [
  'scanTable',
  'listPlannedFiles',
  'compareSnapshots',
  'readTableRows',
  'listFiles',
  'getFile',
  'listManifests',
  'listObjects',
  'summarizeFiles',
  'readFileBytes',
  'readSnapshotFile',
  'readMetadataRows',
  'simulateLayouts',
  'getAddedFiles',
  'getIngestion',
  'compareMetadataFiles',
  'listPurgedFiles',
  'runDraftCheck',
  'runQueryOnServer',
]

it('Every endpoint that takes a table or a plan is refused, or has a reason why it may answer', () => {
  const taking = ENDPOINTS.filter(({ endpoint }) =>
    ['table', 'token'].some((field) => Object.hasOwn(endpoint.input.shape, field)),
  )
  expect([...LISTED].toSorted()).toEqual([...taking.map(({ name }) => name), 'runQueryOnServer'].toSorted())
  expect(LISTED.size).toBe(REFUSED.length + Object.values(ANSWERS).flatMap(Object.keys).length)
})

/** The code of the problem in a response of any form, or its status. */
function outcomeOf({ status, text }: { status: number; text: string }): string {
  const last = text
    .trimEnd()
    .split('\n')
    .findLast((line) => line.startsWith('{') && line.endsWith('}'))
  if (last === undefined) return String(status)
  const body = JSON.parse(last) as { code?: string; problem?: { code?: string } | null }
  return body.code ?? body.problem?.code ?? String(status)
}

/** The metadata tables of which every row is in the metadata file. */
const IN_METADATA_FILE: readonly string[] = [
  'history',
  'metadata_log_entries',
  'partition_statistics',
  'properties',
  'refs',
  'snapshots',
  'statistics',
]

/** The outcomes of describing each metadata table and of counting its rows. */
async function outcomesOfMetadataTables(): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {}
  for (const name of METADATA_TABLE_NAMES) {
    const described = outcomeOf(await send('getMetadataTable', { name }))
    outcomes[name] = `${described},${outcomeOf(await send('readMetadataRows', readMetadataOf(name, '')()))}`
  }
  return outcomes
}

/** The kinds of runs that were started before the restriction, by their ids. */
const started = new Map<string, string>()

const isStart = (name: string) => name.startsWith('start') || name === 'saveResult'

async function crawl(): Promise<void> {
  const sources = await home.services.catalogs.listSearchSources(actorFor(CONSOLE))
  const source = sources.find(({ catalog }) => catalog === 'remote')?.source ?? ''
  const task = { kind: INDEX_CATALOG, title: 't', spec: { catalog: 'remote', source }, actor: CONSOLE, table: null }
  const run = await readRun(home.database, await queueRun(home.database, task))
  if (!run) throw new Error('the run was not queued')
  await crawlRuns(home.services).work(run, runContext(signal))
}

/** How many data files of the connection search finds. */
async function countFoundFiles(): Promise<number> {
  const { text } = await send('searchEverything', { query: String(known['file']).split('/').at(-1) })
  const { hits } = JSON.parse(text) as { hits: { catalog: string; kind: string }[] }
  return hits.filter(({ catalog, kind }) => catalog === 'remote' && kind === 'file').length
}

/** Whether the rows of a result of a check of another table are shown, which joins the restricted one. */
async function isResultReadable(): Promise<boolean> {
  const outcome: DatedOutcome = {
    name: 'joins',
    digest: '',
    state: 'failed',
    rowCount: 1,
    isTruncated: false,
    columns: ['secret'],
    rows: [['leakrow']],
    tables: [
      { catalog: 'local', namespace: ['landing'], table: 't1' },
      { catalog: 'remote', namespace: ['landing'], table: 't1' },
    ],
    message: null,
    durationMs: 1,
    checkedAtMs: 0,
    startedByUserId: admin.userId,
  }
  const isReadable = await findReadableOutcomes(home.services, [outcome], {
    actor: actorFor({ ...admin, role: 'admin' }),
  })
  return isReadable(outcome)
}

describe('Before the catalog restricts reads', () => {
  it('each read answers, most of them with values', async () => {
    const { token } = JSON.parse((await send('scanTable')).text) as { token: string }
    const { auditId } = JSON.parse((await send('commitChanges', { intents: [NOTE] })).text) as { auditId: string }
    const { metadataLocation } = JSON.parse((await send('reviewTableDrop')).text) as { metadataLocation: string }
    Object.assign(known, { token, other: token, auditId, metadataLocation })
    const outcomes: Record<string, string> = {}
    const showing: string[] = []
    for (const [name, fields] of Object.entries(READS)) {
      const response = await send(name, fields())
      outcomes[name] = outcomeOf(response)
      if (VALUE.test(response.text)) showing.push(name)
    }
    expect(outcomes).toEqual(Object.fromEntries(Object.keys(READS).map((name) => [name, '200'])))
    expect(showing).toEqual(SHOWING)
    expect((await send('listSnapshots')).text).toMatch(VALUE)
  })

  it('its work starts, its files are found, and results of checks are shown', async () => {
    for (const [name, fields] of Object.entries(WORK).filter(([one]) => isStart(one))) {
      const { run } = JSON.parse((await send(name, fields())).text) as { run: { id: string; kind: string } }
      started.set(run.id, run.kind)
    }
    await crawl()
    expect(await countFoundFiles()).toBeGreaterThan(0)
    expect(await isResultReadable()).toBe(true)
  })
})

describe('While the table has format version 4, a draft', () => {
  beforeAll(async () => {
    isDraft = true
    await send('getTable')
  })
  afterAll(async () => {
    isDraft = false
    await send('getTable')
  })

  // A plan from before is of the files of an earlier version.
  const refused = REFUSED.filter(
    ([name]) => !['token', 'other'].some((field) => field in findEndpoint(name).input.shape),
  )
  it.each(refused)('%s is refused with the reason', async (name, fields) => {
    const response = await send(name, fields())
    expect([outcomeOf(response), response.text]).toEqual([
      'format-unsupported',
      expect.stringContaining('format version 4, which is still a draft'),
    ])
  })

  const WRITES: Record<string, Case> = {
    reviewChanges: () => ({ intents: [OWNER] }),
    commitChanges: () => ({ intents: [OWNER] }),
    undoAction: () => ({ auditId: known['auditId'] }),
    publish: () => ({ snapshotId: known['audit'], branch: 'audit', mainSnapshotId: known['tip'] }),
    proposeChanges: () => ({ title: 't', action: { kind: 'change-table', intents: [OWNER] } }),
  }
  it.each(Object.entries(WRITES))('%s is refused with the reason', async (name, fields) => {
    const response = await send(name, fields())
    expect([outcomeOf(response), response.text]).toEqual([
      'format-unsupported',
      expect.stringContaining('does not change it'),
    ])
  })

  it('its metadata tables have the rows that are in the metadata file, and the others are refused', async () => {
    const outcomes = await outcomesOfMetadataTables()
    expect(Object.keys(outcomes).filter((name) => outcomes[name] === '200,200')).toEqual(IN_METADATA_FILE)
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['200,200', 'format-unsupported,format-unsupported']))
    const names = 'select name, (select count(*) from landing.t1$snapshots) from landing.t1$refs order by 1'
    const { status, text } = await send('runQueryOnServer', { ...statement(), sql: names, connections: ['remote'] })
    expect([status, text]).toEqual([200, expect.stringContaining('audit')])
  })

  it('its history offers no undo, which would be refused', async () => {
    const { entries } = JSON.parse((await send('listHistory')).text) as { entries: { undoBlocker: string | null }[] }
    expect(entries.map(({ undoBlocker }) => undoBlocker)).toContain('read-only')
    expect(entries.map(({ undoBlocker }) => undoBlocker)).not.toContain(null)
  })

  it('its metadata is shown, with the reason why its files are not', async () => {
    const { status, text } = await send('getTable')
    const detail = JSON.parse(text) as { abilities: string[] }
    expect(status).toBe(200)
    expect(detail).toMatchObject({
      formatVersion: 4,
      unreadable: { code: 'format-unsupported' },
      partitionedBy: 'city',
    })
    expect(detail.abilities).toContain('drop-table')
    expect(detail.abilities).not.toContain('commit-table')
    const pages = Object.entries(ANSWERS[SHOWN] ?? {}).filter(([name]) => !/^(review|preview)/.test(name))
    for (const [name, fields] of pages) expect([name, (await send(name, fields())).status]).toEqual([name, 200])
    expect(JSON.parse((await send('listSnapshots')).text)).toMatchObject({ snapshots: { length: 3 } })
    expect(JSON.parse((await send('listNamespaceContents')).text)).toMatchObject({
      entries: [{ kind: 'table', table: 't1', problem: null, summary: { formatVersion: 4, ratio: null } }],
    })
    await crawl()
    expect(await countFoundFiles()).toBe(0)
    const { hits } = JSON.parse((await send('searchEverything', { query: 'secret' })).text) as {
      hits: { catalog: string; kind: string }[]
    }
    expect(hits).toContainEqual(expect.objectContaining({ catalog: 'remote', kind: 'column' }))
  })
})

describe('Once the catalog restricts reads', () => {
  beforeAll(async () => {
    isRestricted = true
    // Its response tells Lakeshore; the plan, and all that is cached, are from before.
    await send('getTable')
  })

  it.each(REFUSED)('%s is refused', async (name, fields) => {
    const response = await send(name, fields())
    expect([outcomeOf(response), response.text]).toEqual(['read-restricted', expect.not.stringMatching(VALUE)])
  })

  it('no metadata table answers, because stored rows may be from before', async () => {
    expect(new Set(Object.values(await outcomesOfMetadataTables()))).toEqual(
      new Set(['read-restricted,read-restricted']),
    )
  })

  it('runs that were started before fail, and change nothing', async () => {
    const kinds = runKinds(home.services)
    const outcomes: [string, string | undefined][] = []
    for (const [id, kind] of started) outcomes.push([kind, (await runQueuedRun(home.services, id, kinds)).error?.code])
    expect(outcomes).toEqual([...started.values()].map((kind) => [kind, 'read-restricted']))
    expect(JSON.parse((await send('reviewTableDrop')).text)).toMatchObject({
      metadataLocation: known['metadataLocation'],
    })
  })

  it('its snapshots do not expire, because their files could not be removed', async () => {
    const refs = [
      { name: 'main', snapshotId: known['tip'] },
      { name: 'audit', snapshotId: known['audit'] },
    ]
    const intent = {
      kind: 'expire-snapshots',
      snapshotIds: [known['first']],
      refNames: [],
      refs,
      removeFilesAfterMs: 0,
    }
    expect(outcomeOf(await send('commitChanges', { intents: [intent] }))).toBe('read-restricted')
  })

  it('search finds none of its data files, before they leave the index and after', async () => {
    expect(await countFoundFiles()).toBe(0)
    await crawl()
    expect(await countFoundFiles()).toBe(0)
    expect((await send('searchEverything', { query: 'leakcity' })).text).not.toMatch(VALUE)
  })

  it('results of checks that read it are hidden, also with another table', async () => {
    expect(await isResultReadable()).toBe(false)
  })

  it('lists name it as one that cannot be read', async () => {
    expect(JSON.parse((await send('listNamespaceContents')).text)).toMatchObject({
      entries: [{ kind: 'table', table: 't1', summary: null, problem: { code: 'read-restricted' } }],
    })
  })

  it('engines do not get to it through Lakeshore’s own catalog', async () => {
    const engine = createRestClient(home.services, token)
    const address = 'remote/namespaces/landing/tables/t1'
    for (const [method, path] of [
      ['GET', address],
      ['GET', `${address}/credentials`],
      ['POST', `${address}/plan`],
      ['POST', `${address}/sign`],
    ] as const) {
      const body = { method: 'GET', uri: 'https://s3.example/b/k', region: 'r', headers: {} }
      const { status } = await engine(method, path, method === 'POST' ? { body } : {})
      expect([path, status]).toEqual([path, 404])
    }
  })

  const OTHERS = ENDPOINTS.map(({ name }) => name).filter(
    (name) => findEndpoint(name).method === 'GET' && name !== 'watchRuns' && !LISTED.has(name),
  )
  it.each(OTHERS)('%s shows no value', async (name) => {
    const response = await send(name)
    expect(response.status).toBeLessThan(500)
    expect(response.text).not.toMatch(VALUE)
  })

  it.each(Object.entries(ANSWERS).flatMap(([reason, cases]) => Object.keys(cases).map((name) => ({ name, reason }))))(
    '$name may answer, and shows no value: $reason',
    async ({ name, reason }) => {
      const response = await send(name, ANSWERS[reason]?.[name]?.())
      expect(response.status).toBeLessThan(MUST_ANSWER.has(reason) ? 300 : 500)
      expect(response.text).not.toMatch(VALUE)
    },
  )
})
