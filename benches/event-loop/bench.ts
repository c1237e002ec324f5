import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { CATALOG } from '../../testing/product/console-client.ts'
import { startLakeshore } from '../../testing/product/lakeshore.ts'
import { median, printFigure, round } from '../figures.mjs'
import { type Catalog, createCatalogClient, requestOrThrow } from '../rest-catalogs.ts'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '100000,1000000' },
    manifest: { type: 'string', default: '10000' },
    snapshots: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
})
const fileCounts = values.files.split(',').map(Number)
const snapshotCount = Number(values.snapshots)
const rounds = Number(values.rounds)
/** A process writes a line each 200 ms. */
const LINE_MS = 450

/**
 * Filters that the bounds of all files decide, that they hardly decide, and a layout with a million partitions. Rows
 * cannot be sampled, because the files do not exist.
 */
const LAYOUTS = {
  candidates: [
    [{ sourceId: 2, transform: 'truncate[1000000]' }],
    [
      { sourceId: 2, transform: 'truncate[10000000]' },
      { sourceId: 3, transform: 'bucket[16]' },
    ],
    [{ sourceId: 4, transform: 'truncate[100]' }],
  ].map((fields) => ({ fields })),
  sortColumns: [2],
}

type Work = { name: string; run: () => Promise<unknown>; targetMs?: number; isFirst?: boolean }
type Sample = { ms: number; busyMs: number; delayMs: number; rssMiB: number }

const folder = mkdtempSync(path.join(tmpdir(), 'bench-loop-'))
const loopFolder = path.join(folder, 'loop')
mkdirSync(loopFolder)
const settings = {
  LAKESHORE_LOG_LEVEL: 'error',
  NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import=${pathToFileURL(path.resolve('benches/watch-loop.mjs')).href}`]
    .join(' ')
    .trim(),
  BENCH_LOOP_FOLDER: loopFolder,
}

let lakeshore = await startLakeshore(folder, settings)
try {
  await createTables()
  const samples = new Map<Work['name'], Sample[]>()
  for (let done = 0; done < rounds; done += 1) {
    const { password } = lakeshore
    await lakeshore.stop()
    lakeshore = await startLakeshore(folder, settings, { password })
    await warmUp()
    for (const work of [idle(), ...fileCounts.flatMap(workOnFiles), ...workOnSnapshots('snapshots')]) {
      if (values.only !== undefined && !new RegExp(values.only).test(work.name)) continue
      samples.set(work.name, [...(samples.get(work.name) ?? []), await measure(work)])
    }
  }
  report(samples)
} finally {
  await lakeshore.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function createTables(): Promise<void> {
  const catalog = createCatalogClient('lakeshore', `${lakeshore.uri}/v1/${lakeshore.warehouse}`, lakeshore.token)
  await requestOrThrow(catalog, 'POST', 'namespaces', { namespace: ['bench'] })
  await createTableOfFiles(catalog, 10)
  for (const fileCount of fileCounts) await createTableOfFiles(catalog, fileCount)
  await createTableOfSnapshots(catalog)
}

async function createTableOfFiles(catalog: Catalog, fileCount: number): Promise<void> {
  const { SCHEMA, SPEC, ROWS_PER_FILE, writeLargeSnapshot } = await loadWriter()
  const name = `files_${fileCount}`
  const [field] = SPEC.fields
  const spec = { fields: [{ 'source-id': 1, 'field-id': 1000, name: field?.name, transform: 'identity' }] }
  const schema = { type: 'struct', fields: SCHEMA.fields }
  const body = { name, schema, 'partition-spec': spec }
  const created = await requestOrThrow(catalog, 'POST', 'namespaces/bench/tables', body)
  const { location } = (JSON.parse(created.text) as { metadata: { location: string } }).metadata
  const manifestList = await writeLargeSnapshot(location, fileCount, Number(values.manifest))
  await addSnapshots(catalog, name, [
    {
      'snapshot-id': 1,
      'sequence-number': 1,
      'timestamp-ms': Date.now(),
      'manifest-list': manifestList,
      'schema-id': 0,
      summary: {
        operation: 'append',
        'total-data-files': String(fileCount),
        'total-records': String(fileCount * ROWS_PER_FILE),
      },
    },
  ])
}

/** Their manifest lists do not exist; the bench does not read them. */
async function createTableOfSnapshots(catalog: Catalog): Promise<void> {
  const body = { name: 'snapshots', schema: { type: 'struct', fields: [] } }
  const created = await requestOrThrow(catalog, 'POST', 'namespaces/bench/tables', body)
  const { location } = (JSON.parse(created.text) as { metadata: { location: string } }).metadata
  const PER_COMMIT = 500
  for (let first = 1; first <= snapshotCount; first += PER_COMMIT) {
    const snapshots = Array.from({ length: Math.min(PER_COMMIT, snapshotCount - first + 1) }, (_, i) => {
      const number = first + i
      return {
        'snapshot-id': number,
        ...(number > 1 && { 'parent-snapshot-id': number - 1 }),
        'sequence-number': number,
        'timestamp-ms': Date.now(),
        'manifest-list': `${location}/metadata/snap-${number}.avro`,
        'schema-id': 0,
        summary: { operation: 'append', 'added-records': '1000', 'total-records': String(number * 1000) },
      }
    })
    await addSnapshots(catalog, 'snapshots', snapshots)
  }
}

type NewSnapshot = { 'snapshot-id': number } & Record<string, unknown>

async function addSnapshots(catalog: Catalog, name: string, snapshots: readonly NewSnapshot[]): Promise<void> {
  const id = snapshots.at(-1)?.['snapshot-id']
  await requestOrThrow(catalog, 'POST', `namespaces/bench/tables/${name}`, {
    requirements: [],
    updates: [
      ...snapshots.map((snapshot) => ({ action: 'add-snapshot', snapshot })),
      { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': id },
    ],
  })
}

/** Excludes the work of a process's first requests from the measurement. */
async function warmUp(): Promise<void> {
  for (const { run } of [...workOnFiles(10), ...workOnSnapshots('files_10')]) await run()
}

function idle(): Work {
  return { name: 'idle', run: () => setTimeout(3_000) }
}

function workOnFiles(fileCount: number): Work[] {
  const table = addressOf(`files_${fileCount}`)
  const describe = (work: string) => `${fileCount} files: ${work}`
  const lastPart = { type: 'eq', term: 'column_0', value: Math.floor((fileCount - 1) / 1_000) }
  const plan = async (body: object = {}) => JSON.parse(await read(`${table}/scans`, body)) as { token: string }
  const readMetadata = (name: string, columns?: readonly string[]) => () => readMetadataTable(table, name, columns)
  return [
    { name: describe('plan, cold'), run: () => plan(), targetMs: 2_000 },
    { name: describe('plan, warm'), run: () => plan(), targetMs: 50 },
    { name: describe('first 1,000 rows'), run: () => read(`${table}/rows?limit=1000`), targetMs: 1_000 },
    { name: describe('plan of one partition'), run: () => plan({ where: JSON.stringify(lastPart) }) },
    {
      name: describe('shares of nulls'),
      run: async () => read(`/api/v1/scans/${(await plan()).token}/null-shares`),
    },
    { name: describe('overview'), run: () => read(table) },
    { name: describe('first page of files'), run: () => read(`${table}/files`) },
    { name: describe('last page of files'), run: () => read(`${table}/files?offset=${fileCount - 10}`) },
    { name: describe('summary of files'), run: () => read(`${table}/files/summary`) },
    { name: describe('simulation of three layouts'), run: () => read(`${table}/layouts/simulation`, LAYOUTS) },
    { name: describe('manifests'), run: () => read(`${table}/manifests`) },
    { name: describe('objects'), run: () => read(`${table}/objects`) },
    { name: describe('$partitions'), run: readMetadata('partitions') },
    { name: describe('$files, 3 columns'), run: readMetadata('files', ['file_path', 'partition', 'record_count']) },
    { name: describe('$entries, counted'), run: readMetadata('entries', []) },
    // All columns of a million files are minutes of work.
    ...(fileCount > 100_000
      ? []
      : [
          { name: describe('$files, all columns'), run: readMetadata('files') },
          { name: describe('$entries, all columns'), run: readMetadata('entries') },
        ]),
  ]
}

function workOnSnapshots(name: string): Work[] {
  const table = addressOf(name)
  const describe = (work: string) => `${snapshotCount} snapshots: ${work}`
  return [
    { name: describe('overview'), run: () => read(table) },
    { name: describe('first page of snapshots'), run: () => read(`${table}/snapshots`) },
    { name: describe('last page of snapshots'), run: () => read(`${table}/snapshots?offset=${snapshotCount - 100}`) },
    { name: describe('history'), run: () => read(`${table}/history`) },
    { name: describe('metadata files'), run: () => read(`${table}/metadata-files`) },
    { name: describe('$snapshots'), run: () => readMetadataTable(table, 'snapshots') },
    { name: describe('$history'), run: () => readMetadataTable(table, 'history') },
  ]
}

function addressOf(table: string): string {
  return `/api/v1/catalogs/${CATALOG}/namespaces/bench/tables/${table}`
}

async function readMetadataTable(table: string, name: string, columns?: readonly string[]): Promise<void> {
  const address = `${table}/metadata-tables/${name}`
  const state = JSON.parse(await read(address)) as {
    metadataLocation: string
    snapshotId: string | null
    fields: { name: string }[]
  }
  const query = new URLSearchParams({
    metadata: state.metadataLocation,
    columns: (columns ?? state.fields.map((field) => field.name)).join(','),
    ...(state.snapshotId !== null && { snapshot: state.snapshotId }),
  })
  const lastLine = await read(`${address}/rows?${query.toString()}`, null, (text) => text.slice(-1_000))
  if (!lastLine.includes('"isEnd":true')) throw new Error(`${address} ended with ${lastLine}`)
}

/** Sends JSON if given. @returns the text that `keep` retains of the received text */
async function read(address: string, body: object | null = null, keep = (text: string) => text): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const init = body === null ? {} : { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await lakeshore.console.fetch(address, init)
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) text = keep(text + decoder.decode(chunk, { stream: true }))
  if (!response.ok) throw new Error(`${address}: ${response.status} ${text.slice(0, 500)}`)
  return text
}

async function measure({ name, run }: Work): Promise<Sample> {
  await setTimeout(LINE_MS)
  const startedAtMs = Date.now()
  const startedAt = performance.now()
  await run()
  const ms = performance.now() - startedAt
  await setTimeout(LINE_MS)
  const lines = readLoopLines(startedAtMs)
  const sample = {
    ms,
    busyMs: Math.max(...lines.map(({ maxBusyMs }) => maxBusyMs)),
    delayMs: Math.max(...lines.map(({ maxDelayMs }) => maxDelayMs)),
    rssMiB: Math.max(...lines.map(({ rssBytes }) => rssBytes)) / 1024 / 1024,
  }
  const shown = Object.values(sample).map((value) => String(round(value, 0)).padStart(7))
  console.log(`${name.padEnd(45)}${shown.join('')}   load ${round(loadavg()[0] ?? 0, 1)}`)
  return sample
}

type LoopLine = { atMs: number; maxDelayMs: number; maxBusyMs: number; rssBytes: number }

function readLoopLines(sinceMs: number): LoopLine[] {
  return readdirSync(loopFolder)
    .flatMap((name) => readFileSync(path.join(loopFolder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as LoopLine)
    .filter(({ atMs }) => atMs >= sinceMs)
}

type Writer = typeof import('./write-large-table.ts')

/** Builds the product's writer for plain Node. */
async function loadWriter(): Promise<Writer> {
  const outfile = path.join(folder, 'write-large-table.mjs')
  await build({
    entryPoints: ['benches/event-loop/write-large-table.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    // `server-only` is empty under this condition.
    conditions: ['react-server'],
    alias: { '@': path.resolve('.') },
    logLevel: 'warning',
  })
  return (await import(pathToFileURL(outfile).href)) as Writer
}

function report(samples: ReadonlyMap<string, Sample[]>): void {
  console.log('\nmedians: ms, processor time and delay of the longest round of an event loop in ms, MiB')
  const middle = (list: readonly Sample[], part: keyof Sample) => round(median(list.map((sample) => sample[part])), 0)
  for (const [name, list] of samples) {
    const shown = (['ms', 'busyMs', 'delayMs', 'rssMiB'] as const).map((part) => String(middle(list, part)).padStart(7))
    const busy = list.map(({ busyMs }) => round(busyMs, 0)).toSorted((a, b) => a - b)
    console.log(`${name.padEnd(45)}${shown.join('')}   busy ${busy.join(' ')}`)
  }
  for (const { name, targetMs } of fileCounts.flatMap(workOnFiles)) {
    const list = samples.get(name)
    if (!list || targetMs === undefined) continue
    printFigure({ question: 'event-loop', name, value: middle(list, 'ms'), unit: 'ms', target: targetMs })
  }
  const longest = Math.max(...[...samples.values()].map((list) => middle(list, 'busyMs')))
  printFigure({ question: 'event-loop', name: 'longest round', value: longest, unit: 'ms', target: 50 })
}
