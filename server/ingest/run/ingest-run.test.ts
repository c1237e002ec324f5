import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { changeSql } from '@/testing/databases/change-sql'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import type { SortOrder } from '@/lib/iceberg/partitioning/sort-order'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { openTestCatalog, findStrayFiles } from '@/testing/catalogs/test-catalog'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { disableUser } from '@/server/db/auth/users'
import { readFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { Change } from '@/server/db/database'
import { type Run, readRun, requestCancel } from '@/server/db/jobs/runs'
import { readLog } from '@/server/db/jobs/run-logs'
import { followRun } from '@/server/jobs/follow-run'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { readLiveFiles } from '@/server/table/files/live-files'
import { parseIngestOutcome } from './ingest-outcome'
import { ingestRuns } from './ingest-run'
import { INGEST, type IngestSpec, toFileLocation, queueIngest, parseSchema } from './ingest-spec'
import { readRejects } from './rejects/rejects-file'
import type { RunStage } from './run-child'
import { stageInput } from '../stage/stage-input'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })
const SCHEMA = JSON.stringify({
  type: 'struct',
  fields: [
    { id: 7, name: 'id', required: true, type: 'long' },
    { id: 9, name: 'kind', required: false, type: 'string' },
  ],
})
const CREATE = { schema: SCHEMA, partitionBy: 'kind', properties: { owner: 'tests' } }
const inThisProcess: RunStage = (request, { signal, onProgress }) => {
  signal.throwIfAborted()
  return stageInput(request, onProgress)
}
let tables = 0

afterEach(() => vi.restoreAllMocks())

/** A program may set the time of a file that it has written back. */
function overwriteInPlace(file: string, text: string): void {
  const { atime, mtime } = statSync(file)
  writeFileSync(file, text)
  utimesSync(file, atime, mtime)
}

function newIdentifier() {
  tables += 1
  return { catalog: 'lake', namespace: ['ns'], table: `t${tables}` }
}

function inputFile(text: string): IngestSpec['input'] {
  const file = path.join(home.config.homeDir, `input-${tables}-${Math.random()}.csv`)
  writeFileSync(file, text)
  return [{ location: toFileLocation(file) }]
}

function buildSpec(given: Partial<IngestSpec>): IngestSpec {
  return { input: [], format: 'csv', ignoreExtra: false, maxRejectedRows: 0, create: CREATE, ...given }
}

/** Queues a run and executes it with a worker in this process. */
async function ingest(
  identifier: ReturnType<typeof newIdentifier>,
  given: Partial<IngestSpec>,
  options: Parameters<typeof runQueued>[1] = {},
): Promise<Run> {
  return runQueued(await queueIngest(home.database, identifier, buildSpec(given), COMMAND_LINE), options)
}

/** Executes a queued run with a worker in this process. */
async function runQueued(
  id: string,
  {
    runStage = inThisProcess,
    during = async () => {},
  }: { runStage?: RunStage; during?: (id: string) => Promise<void> } = {},
): Promise<Run> {
  const stop = new AbortController()
  const loop = runWorkerLoop(home.services, {
    kinds: { [INGEST]: ingestRuns(home.services, runStage) },
    concurrency: 1,
    signal: stop.signal,
    pollMs: 5,
    renewMs: 20,
  })
  await during(id)
  const run = await followRun(home.database, id, {
    signal: new AbortController().signal,
    onProgress: () => {},
    pollMs: 5,
  })
  stop.abort()
  await loop
  return run
}

describe('A run of ingest', () => {
  it.each(['1', '4', 'three'])('does not create a table of format version %s', async (version) => {
    const identifier = newIdentifier()
    const properties = { ...CREATE.properties, 'format-version': version }
    const run = await ingest(identifier, { input: inputFile('id,kind\n1,a\n'), create: { ...CREATE, properties } })
    expect(run).toMatchObject({ state: 'failed', error: { code: 'not-supported' }, journal: null })
    await expect((await openTestCatalog(home.services)).loadTable(identifier)).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('requires the upgrade of a table of format version 1 before it reads anything, and loads after the upgrade', async () => {
    const identifier = { ...newIdentifier(), namespace: ['of-v1'] }
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-namespace', namespace: identifier.namespace, properties: {} })
    await catalog.write({
      kind: 'create-table',
      table: identifier,
      schema: parseSchema(SCHEMA),
      properties: { 'format-version': '1' },
    })
    const load = { input: inputFile('id,kind\n1,a\n'), create: null }
    const { error } = await ingest(identifier, load)
    expect(error).toMatchObject({ code: 'not-supported', facts: { formatVersion: 1 } })
    expect(error?.detail).toContain(`ALTER TABLE of-v1.${identifier.table} SET TBLPROPERTIES ('format-version' = '2')`)
    const upgrade = { action: 'upgrade-format-version', formatVersion: 2 } as const
    await catalog.write({ kind: 'commit-table', table: identifier, change: { requirements: [], updates: [upgrade] } })
    expect(await ingest(identifier, load)).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 1 } })
  })

  it('is refused where a policy demands two people unless it creates its table, also when the policy was set while the rows were staged', async () => {
    const identifier = { ...newIdentifier(), namespace: ['four-eyes'] }
    const input = inputFile('id,kind\n1,a\n')
    expect(await ingest(identifier, { input })).toMatchObject({ state: 'succeeded' })
    const demand = (requiresProposal: boolean) =>
      home.database.commit([setPolicyChange(identifier, { requiresProposal, by: 'ada' })])
    const setWhileStaged: RunStage = async (request, options) => {
      const staged = await inThisProcess(request, options)
      await demand(true)
      return staged
    }
    const again = { input, create: null, loadAgain: true }
    const late = await ingest(identifier, again, { runStage: setWhileStaged })
    expect(late).toMatchObject({ state: 'failed', error: { code: 'commit-conflict' } })
    const refused = await ingest(identifier, again)
    expect(refused).toMatchObject({ state: 'failed', error: { code: 'forbidden' } })
    expect(refused.error?.detail).toBe(
      'Changes of tables and views in four-eyes need two people. Nothing was changed. Propose the load, so that another user can commit it: on the page Load, or with npm run lakeshore -- ingest <namespace.table> <file> --propose <title>.',
    )
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(identifier)
    expect(metadata.snapshots).toHaveLength(1)
    const created = { ...identifier, table: 'created' }
    expect(await ingest(created, { input })).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 1 } })
    await demand(false)
    expect(await ingest(identifier, again)).toMatchObject({ state: 'succeeded' })
  })

  it('ignores settings of the table’s files that another tool set and no codec has, and says so in its log', async () => {
    const properties = {
      ...CREATE.properties,
      'write.parquet.compression-codec': 'gzip',
      'write.parquet.compression-level': '22',
      'lakeshore.parquet.column.1.compression-codec': 'lzo',
    }
    const create = { ...CREATE, properties, partitionBy: null }
    const run = await ingest(newIdentifier(), { input: inputFile('id,kind\n1,a\n'), create })
    expect(run).toMatchObject({ state: 'succeeded', outcome: { rowsCommitted: 1 } })
    const lines = await readLog(home.database, run.id, 0, 100)
    expect(lines.filter(({ level }) => level === 'warning').map(({ text }) => text)).toEqual([
      expect.stringContaining('write.parquet.compression-level is "22"'),
      expect.stringContaining('lakeshore.parquet.column.1.compression-codec is "lzo"'),
    ])
    expect(lines.map(({ text }) => text)).toContainEqual(expect.stringContaining('went into files in one pass'))
  })

  it('creates a table of format version 3 on request, and assigns row ids', async () => {
    const identifier = newIdentifier()
    const properties = { 'format-version': '3' }
    const first = await ingest(identifier, {
      input: inputFile('id,kind\n1,a\n2,b\n3,a\n'),
      create: { ...CREATE, properties },
    })
    const second = await ingest(identifier, { input: inputFile('id,kind\n4,a\n'), create: null })
    expect([first.state, second.state]).toEqual(['succeeded', 'succeeded'])
    const table = await (await openTestCatalog(home.services)).loadTable(identifier)
    expect(table.metadata).toMatchObject({
      formatVersion: 3,
      nextRowId: '4',
      snapshots: [
        { firstRowId: '0', addedRows: '3' },
        { firstRowId: '3', addedRows: '1' },
      ],
    })
    const [, snapshot] = table.metadata.snapshots
    if (!snapshot) throw new Error('no snapshot')
    const files = await readLiveFiles(home.services.manifestCache, table, snapshot, {
      store: home.services.stores.catalogStore('lake'),
    })
    const ids = files.map(({ dataFile }) => `${dataFile.recordCount} from ${dataFile.firstRowId}`)
    expect(new Set(ids)).toEqual(new Set(['2 from 0', '1 from 2', '1 from 3']))
  })

  it('creates the table and commits the whole input as one snapshot', async () => {
    const identifier = newIdentifier()
    const run = await ingest(identifier, { input: inputFile('id,kind\n1,a\n2,b\n3,a\n4,\n') })
    expect(run).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      error: null,
      journal: null,
      progress: { phase: 'committing', unit: 'bytes', counters: { rowsRead: 4 } },
    })
    const outcome = parseIngestOutcome(run.outcome ?? {})
    expect(outcome).toMatchObject({ rowsRead: 4, rowsCommitted: 4, rowsRejected: 0, rejectsFile: null, fileCount: 3 })

    const table = await (await openTestCatalog(home.services)).loadTable(identifier)
    const { metadata } = table
    expect(metadata.properties).toMatchObject({ owner: 'tests' })
    expect(metadata.snapshots).toHaveLength(1)
    const [snapshot] = metadata.snapshots
    if (!snapshot) throw new Error('no snapshot')
    expect(snapshot).toMatchObject({
      snapshotId: outcome.snapshotId,
      summary: {
        operation: 'append',
        'added-records': '4',
        'added-data-files': '3',
        'engine-name': 'Lakeshore',
        'lakeshore.run-id': run.id,
        'lakeshore.input-bytes': '23',
        'lakeshore.input-format': 'csv',
        'lakeshore.input-name': expect.stringMatching(/^input-/),
      },
    })
    const files = await readLiveFiles(home.services.manifestCache, table, snapshot, {
      store: home.services.stores.catalogStore('lake'),
    })
    const paths = files.map(({ dataFile }) => dataFile.filePath)
    expect(paths.map((file) => file.slice(metadata.location.length))).toEqual([
      expect.stringMatching(/^\/data\/kind=a\/t\d+_data_\d{8}_[0-9A-Z]{26}[.]parquet$/),
      expect.stringMatching(/^\/data\/kind=b\//),
      expect.stringMatching(/^\/data\/kind=null\//),
    ])
    const list = paths.map((file) => `'${file.slice('file://'.length)}'`).join(', ')
    expect(
      await queryDuckdb(`SELECT id, kind FROM read_parquet([${list}], hive_partitioning = false) ORDER BY id`),
    ).toEqual([
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'a'],
      ['4', null],
    ])
    const sizes = await readFileSizes(home.database, paths)
    expect([...sizes.values()].map(({ plainBytes, plainSource }) => [plainBytes, plainSource])).toEqual(
      expect.arrayContaining([
        [18, 'counted'],
        [9, 'counted'],
        [8, 'counted'],
      ]),
    )
    expect(await listAudit(home.database, { tableUuid: metadata.tableUuid, limit: 5 })).toMatchObject([
      { action: 'append' },
      { action: 'create-table' },
    ])
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('stores partitions whose values look like relative paths in their own folders, and reads them back', async () => {
    const values = [
      'x/../y',
      'x/..',
      '..',
      '.',
      './x',
      '../../../../etc',
      'a\\..\\b',
      '%2e%2e',
      '%252e%252e/..',
      '/..',
      ' ../ ',
    ]
    const identifier = newIdentifier()
    const lines = values.map((value, index) => `${index},"${value}"`)
    const run = await ingest(identifier, { input: inputFile(`id,kind\n${lines.join('\n')}\n`) })
    expect(run).toMatchObject({
      state: 'succeeded',
      outcome: { rowsCommitted: values.length, fileCount: values.length },
    })
    const table = await (await openTestCatalog(home.services)).loadTable(identifier)
    const [snapshot] = table.metadata.snapshots
    if (!snapshot) throw new Error('no snapshot')
    const store = home.services.stores.catalogStore('lake')
    const files = await readLiveFiles(home.services.manifestCache, table, snapshot, { store })
    expect(new Set(files.map(({ dataFile }) => dataFile.partition[0]))).toEqual(new Set(values))
    const data = `${table.metadata.location}/data`.slice('file://'.length)
    const onDisk = readdirSync(data, { recursive: true }).filter((name) => String(name).endsWith('.parquet'))
    const named = files.map(({ dataFile }) => dataFile.filePath.slice(`file://${data}/`.length))
    expect(new Set(onDisk)).toEqual(new Set(named))
    for (const { dataFile } of files) {
      expect(await store.sizeBytes(dataFile.filePath)).toBe(dataFile.fileSizeBytes)
    }
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('stores partitions whose values are not valid folder names in their own folders', async () => {
    const identifier = newIdentifier()
    const long = 'é'.repeat(3000)
    const run = await ingest(identifier, { input: inputFile(`id,kind\n1,${long}\n2,${long}x\n3,a\n`) })
    expect(run).toMatchObject({ state: 'succeeded', outcome: { fileCount: 3 } })
    const table = await (await openTestCatalog(home.services)).loadTable(identifier)
    const [snapshot] = table.metadata.snapshots
    if (!snapshot) throw new Error('no snapshot')
    const files = await readLiveFiles(home.services.manifestCache, table, snapshot, {
      store: home.services.stores.catalogStore('lake'),
    })
    const folders = files.map(({ dataFile }) => dataFile.filePath.split('/').at(-2) ?? '')
    expect(new Set(folders).size).toBe(3)
    for (const folder of folders) expect(folder).toMatch(/^kind=(a|(%C3%A9)+(%C3)?-[0-9a-f]{16})$/)
    expect(new Set(files.map(({ dataFile }) => dataFile.partition[0]))).toEqual(new Set(['a', long, `${long}x`]))
  })

  it('appends to an existing table, with its current schema and spec', async () => {
    const identifier = newIdentifier()
    await ingest(identifier, { input: inputFile('id,kind\n1,a\n') })
    const run = await ingest(identifier, { input: inputFile('kind,id\nb,2\n'), create: null })
    expect(run.state).toBe('succeeded')
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(identifier)
    expect(metadata.snapshots.map(({ summary }) => summary['total-records'])).toEqual(['1', '2'])
  })

  it.each([
    ['truncate[2]', [2], []],
    ['rank', [0], ['Lakeshore cannot sort by rank(field 2). The rows keep the order of the input.']],
  ])('sorts its files as the table asks, and names the order only then: %s', async (transform, orderIds, warnings) => {
    const created = newIdentifier()
    await ingest(created, { input: inputFile('id,kind\n'), create: { ...CREATE, partitionBy: null } })
    const catalog = await openTestCatalog(home.services)
    const order = (sourceId: number, name: string): SortOrder => ({
      orderId: 0,
      fields: [{ sourceId, transform: name, direction: 'desc', nullOrder: 'nulls-last' }],
    })
    const updates: TableUpdate[] = [
      { action: 'add-sort-order', sortOrder: { ...order(1, 'identity'), orderId: 1 } },
      { action: 'add-sort-order', sortOrder: { ...order(2, 'truncate[2]'), orderId: 2 } },
      { action: 'set-default-sort-order', sortOrderId: 2 },
    ]
    await catalog.write({ kind: 'commit-table', table: created, change: { requirements: [], updates } })
    // Another catalog may accept a transform that this one does not know.
    const { metadataLocation } = await catalog.loadTable(created)
    const elsewhere = metadataLocation.replace('metadata.json', 'elsewhere.metadata.json')
    const text = readFileSync(metadataLocation.slice('file://'.length), 'utf8')
    writeFileSync(elsewhere.slice('file://'.length), text.replace('truncate[2]', transform))
    await catalog.write({ kind: 'drop-table', table: created })
    rmSync(metadataLocation.slice('file://'.length))
    const identifier = newIdentifier()
    await catalog.write({ kind: 'register-table', table: identifier, metadataLocation: elsewhere })
    const run = await ingest(identifier, { input: inputFile('id,kind\n1,aa\n2,\n3,cc\n4,bb\n'), create: null })
    const table = await catalog.loadTable(identifier)
    const [snapshot] = table.metadata.snapshots
    if (!snapshot) throw new Error('no snapshot')
    const files = await readLiveFiles(home.services.manifestCache, table, snapshot, { store: table.store })
    expect(files.map(({ dataFile }) => dataFile.sortOrderId)).toEqual(orderIds)
    const [filePath = ''] = files.map(({ dataFile }) => dataFile.filePath.slice('file://'.length))
    const ids = (await queryDuckdb(`SELECT id::INTEGER FROM read_parquet('${filePath}')`)).flat()
    expect(ids).toEqual(warnings.length === 0 ? [3, 4, 1, 2] : [1, 2, 3, 4])
    const lines = await readLog(home.database, run.id, 0, 100)
    expect(lines.filter(({ level }) => level === 'warning').map(({ text }) => text)).toEqual(warnings)
  })

  it('without rows creates the table and no snapshot', async () => {
    const identifier = newIdentifier()
    const run = await ingest(identifier, { input: inputFile('id,kind\n') })
    expect(run).toMatchObject({ state: 'succeeded', outcome: { snapshotId: null, rowsRead: 0, fileCount: 0 } })
    expect((await (await openTestCatalog(home.services)).loadTable(identifier)).metadata.snapshots).toEqual([])
  })

  it('skips rows that do not fit when it may, and says where they are listed', async () => {
    const identifier = newIdentifier()
    const run = await ingest(identifier, { input: inputFile('id,kind\n1,a\nx,b\n'), maxRejectedRows: 1 })
    const { rejectsFile, rowsRejected } = parseIngestOutcome(run.outcome ?? {})
    expect(rowsRejected).toBe(1)
    expect(await readRejects(home.services, rejectsFile ?? '')).toContain('"line":3,"column":"id","value":"x"')
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(identifier)
    expect(metadata.snapshots[0]?.summary).toMatchObject({ 'lakeshore.rejected-rows': '1', 'added-records': '1' })
  })

  it.each<[string, Partial<Omit<IngestSpec, 'input'>> & { text: string }, string]>([
    ['rows that do not fit', { text: 'id\nx\n' }, 'rows-rejected'],
    ['an unknown column', { text: 'id,more\n1,2\n' }, 'invalid-request'],
    ['an input that is not Parquet', { text: 'id\n1\n', format: 'parquet' }, 'file-damaged'],
    ['an invalid schema', { text: 'id\n1\n', create: { ...CREATE, schema: '{' } }, 'invalid-request'],
    [
      'a property it cannot use',
      { text: 'id\n1\n', create: { ...CREATE, properties: { 'write.parquet.compression-codec': 'lzo' } } },
      'invalid-request',
    ],
    ['no table and no schema', { text: 'id\n1\n', create: null }, 'not-found'],
  ])('fails with %s and leaves nothing behind', async (_what, { text, ...given }, code) => {
    const identifier = newIdentifier()
    const run = await ingest(identifier, { ...given, input: inputFile(text) })
    expect(run).toMatchObject({ state: 'failed', outcome: null, journal: null, error: { code } })
    await expect((await openTestCatalog(home.services)).loadTable(identifier)).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('fails for a missing input, and for a folder', async () => {
    expect(await ingest(newIdentifier(), { input: [{ location: 'file:///nowhere/x.csv' }] })).toMatchObject({
      error: { code: 'file-missing' },
    })
    expect(await ingest(newIdentifier(), { input: [{ location: toFileLocation(home.config.homeDir) }] })).toMatchObject(
      {
        error: { code: 'file-missing' },
      },
    )
  })

  it.each([
    ['is written', (file: string) => appendFileSync(file, '2,b\n')],
    ['is replaced', (file: string) => renameSync(`${file}.next`, file)],
    ['is written, and keeps its time', (file: string) => overwriteInPlace(file, 'id,kind\n2,a\n')],
    ['is removed', (file: string) => rmSync(file)],
  ])('fails for a file that %s while it is read', async (_what, change) => {
    const identifier = newIdentifier()
    const input = inputFile('id,kind\n1,a\n')
    const [{ location }] = input as [{ location: string }]
    const file = location.slice('file://'.length)
    writeFileSync(`${file}.next`, 'id,kind\n1,a\n')
    const runStage: RunStage = async (request, options) => {
      const result = await inThisProcess(request, options)
      change(file)
      return result
    }
    const run = await ingest(identifier, { input }, { runStage })
    expect(run).toMatchObject({ state: 'failed', error: { code: 'file-damaged' }, journal: null })
    expect(run.error?.detail).toBe(
      `${path.basename(file)} changed while it was read. Nothing was loaded. Load it again once no program writes it.`,
    )
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('does not create a table that exists', async () => {
    const identifier = newIdentifier()
    await ingest(identifier, { input: inputFile('id,kind\n1,a\n') })
    const run = await ingest(identifier, { input: inputFile('id,kind\n1,a\n') })
    expect(run).toMatchObject({ state: 'failed', error: { code: 'already-exists' } })
    expect((await (await openTestCatalog(home.services)).loadTable(identifier)).metadata.snapshots).toHaveLength(1)
  })

  it('is cancelled while it stages, and leaves nothing behind', async () => {
    const identifier = newIdentifier()
    const forever: RunStage = (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        // On a busy machine the run may be cancelled before it gets here.
        if (signal.aborted) reject(signal.reason)
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    const run = await ingest(
      identifier,
      { input: inputFile('id,kind\n1,a\n') },
      {
        runStage: forever,
        during: async (id) => {
          await vi.waitUntil(async () => (await readRun(home.database, id))?.state === 'running', 50_000)
          await requestCancel(home.database, id)
        },
      },
    )
    expect(run).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' }, outcome: null })
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('commits nothing for a user who was disabled while it worked', async () => {
    const identifier = newIdentifier()
    const { userId, username } = await signInAs(home.services, 'editor')
    const actor = { userId, username, role: 'editor' } as const
    const runStage: RunStage = async (request, options) => {
      const result = await inThisProcess(request, options)
      await disableUser(home.database, userId)
      return result
    }
    const spec = buildSpec({ input: inputFile('id,kind\n1,a\n') })
    const run = await runQueued(await queueIngest(home.database, identifier, spec, actor), { runStage })
    expect(run).toMatchObject({ state: 'failed', error: { code: 'forbidden' }, journal: null })
    expect(run.error?.detail).toBe(`${username}, who started this run, has been disabled. Nothing was committed.`)
    expect(await findStrayFiles(home.services)).toEqual([])
  })

  it('removes files and table when the commit certainly failed', async () => {
    const identifier = newIdentifier()
    const real = home.services.stores.catalogStore('lake').writeNew
    vi.spyOn(home.services.stores.catalogStore('lake'), 'writeNew').mockImplementation(async (location, bytes) => {
      if (location.endsWith('.avro')) throw new AppError('storage-full', 'The disk is full.')
      return real(location, bytes)
    })
    const run = await ingest(identifier, { input: inputFile('id,kind\n1,a\n') })
    expect(run).toMatchObject({ state: 'failed', error: { code: 'storage-full' }, journal: null })
    vi.restoreAllMocks()
    await expect((await openTestCatalog(home.services)).loadTable(identifier)).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(await findStrayFiles(home.services)).toEqual([])
  })
})

const updates = (change: Change, table: string) => changeSql(change).startsWith(`update "${table}"`)

describe('A commit whose outcome is unknown', () => {
  it('is found by its snapshot when it happened', async () => {
    const identifier = newIdentifier()
    let isLost = false
    const run = await ingest(
      identifier,
      { input: inputFile('id,kind\n1,a\n') },
      {
        during: async (id) => {
          const database = home.database
          const real = database.commit
          vi.spyOn(database, 'commit').mockImplementation(async (changes) => {
            const isCommit = !isLost && changes.some((change) => updates(change, 'iceberg_tables'))
            if (!isCommit) return real(changes)
            isLost = true
            // The commit is stored, but not the run's end: the state that a remote catalog would leave.
            await real(changes.filter((change) => !updates(change, 'runs')))
            throw new AppError('commit-state-unknown', 'Nobody said.')
          })
          // The catalog would look it up itself; here it cannot either.
          const { read } = home.services.stores.catalogStore('lake')
          let isBlind = true
          vi.spyOn(home.services.stores.catalogStore('lake'), 'read').mockImplementation(async (...args) => {
            if (!isLost || !isBlind) return read(...args)
            isBlind = false
            throw new Error('not now')
          })
          await vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs !== null, 50_000)
        },
      },
    )
    expect(isLost).toBe(true)
    expect(run.state).toBe('succeeded')
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(identifier)
    expect(metadata.snapshots).toHaveLength(1)
    expect(parseIngestOutcome(run.outcome ?? {}).snapshotId).toBe(metadata.currentSnapshotId)
  })

  it('is cleaned up and repeated when it did not happen', async () => {
    const identifier = newIdentifier()
    let isLost = false
    const run = await ingest(
      identifier,
      { input: inputFile('id,kind\n1,a\n') },
      {
        during: async (id) => {
          const database = home.database
          const real = database.commit
          vi.spyOn(database, 'commit').mockImplementation(async (changes) => {
            const isCommit = !isLost && changes.some((change) => updates(change, 'iceberg_tables'))
            if (!isCommit) return real(changes)
            isLost = true
            throw new AppError('commit-state-unknown', 'Nobody said.')
          })
          await vi.waitUntil(async () => (await readRun(home.database, id))?.finishedAtMs !== null, 50_000)
        },
      },
    )
    expect(isLost).toBe(true)
    expect(run).toMatchObject({ state: 'succeeded', attempt: 2 })
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(identifier)
    expect(metadata.snapshots.map(({ summary }) => summary['total-records'])).toEqual(['1'])
    // After an unknown outcome, the catalog keeps the metadata file of the commit that did not happen.
    expect((await findStrayFiles(home.services)).filter((file) => !file.endsWith('.metadata.json'))).toEqual([])
    rmSync(new URL(metadata.location).pathname, { recursive: true })
    await (await openTestCatalog(home.services)).write({ kind: 'drop-table', table: identifier })
  })
})
