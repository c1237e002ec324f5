import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { median, printFigure, printSamples, round } from '../figures.mjs'
import { runCommand, startLake } from '../ingest/lake.mjs'
import { takeTurns } from '../ingest/turns.mjs'
import { loadBundle } from '../load-bundle.ts'
import { DATA_SETS, findNdjson, toSchema } from './data-sets.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const rounds = Number(values.rounds)
const MB = 1_000_000
const TARGETS = { size: 3, groupBy: 5, write: 2, memory: 0.2 }
const SQL_TYPES: Readonly<Record<string, string>> = { long: 'BIGINT', string: 'VARCHAR', int: 'INTEGER' }

type DataSet = (typeof DATA_SETS)[number]
type Stored = { set: DataSet; ndjson: string; files: string[] }
type Answer = { ms: number; peakBytes: number; answer: unknown }

const cache = path.resolve('.cache/bench-compression')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(path.join(cache, 'run-'))
const lake = await startLake()
try {
  const sets = []
  for (const set of DATA_SETS) sets.push({ set, ndjson: await findNdjson(set, cache) })
  console.log(['data'.padEnd(10), 'NDJSON, MB', 'gzip, MB', 'table, MB', 'times smaller'].join('\t'))
  const tables = []
  for (const { set, ndjson } of sets) tables.push({ set, ndjson, files: await load(set, ndjson) })
  for (const one of tables) if (!one.set.isNoise) await compareQuestion(one)
  const [rows] = tables
  if (rows) await compareMemory(rows)
  if (rows) await compareWriting(rows)
} finally {
  await lake.stop()
  rmSync(folder, { recursive: true })
}

async function load(set: DataSet, ndjson: string): Promise<string[]> {
  const { table } = await lake.ingest(ndjson, { schema: toSchema(set) })
  const files = listFiles(lake.home).filter((file) => file.includes(`${table.split('.')[1]}_data_`))
  const [plain, stored] = [statSync(ndjson).size, files.reduce((sum, file) => sum + statSync(file).size, 0)]
  const gzip = gzipSync(readFileSync(ndjson)).length
  const times = plain / stored
  console.log(
    [set.name.padEnd(10), ...[plain, gzip, stored].map((bytes) => (bytes / MB).toFixed(1)), times.toFixed(1)].join(
      '\t',
    ),
  )
  if (set.isNoise) return files
  printFigure({
    question: `size, ${set.name}`,
    ratio: round(times, 2),
    unit: 'x smaller than NDJSON',
    target: TARGETS.size,
    met: times >= TARGETS.size,
  })
  return files
}

async function requestAnswer(
  by: 'duckdb' | 'objects',
  { columns, groupBy, sum }: DataSet,
  files: string[],
): Promise<Answer> {
  const types = columns.map(([column, type]) => `'${column}': '${SQL_TYPES[type ?? ''] ?? type}'`).join(', ')
  const said = await runCommand('node', ['benches/compression/answer.mjs', by, `{${types}}`, groupBy, sum, ...files])
  return JSON.parse(said) as Answer
}

function requireSameAnswer(set: DataSet, { answer }: Answer, other: Answer): void {
  if (JSON.stringify(answer) !== JSON.stringify(other.answer)) throw new Error(`${set.name}: the answers differ`)
}

async function compareQuestion({ set, ndjson, files }: Stored) {
  requireSameAnswer(set, await requestAnswer('duckdb', set, files), await requestAnswer('duckdb', set, [ndjson]))
  const timings = await takeTurns(
    [
      async () => ({ table: (await requestAnswer('duckdb', set, files)).ms }),
      async () => ({ ndjson: (await requestAnswer('duckdb', set, [ndjson])).ms }),
    ],
    rounds,
  )
  printTimes(`group by, ${set.name}`, timings, ['table', 'ndjson'], TARGETS.groupBy)
}

async function compareMemory({ set, ndjson, files }: Stored) {
  const [own, other, reader] = [
    await requestAnswer('duckdb', set, files),
    await requestAnswer('objects', set, [ndjson]),
    await requestAnswer('duckdb', set, [ndjson]),
  ]
  requireSameAnswer(set, own, other)
  const megabytes = ({ peakBytes }: Answer) => Math.round(peakBytes / MB)
  console.log(
    `\nmemory of the question, MB: of the table ${megabytes(own)}, of NDJSON as objects ${megabytes(other)}, of NDJSON by DuckDB ${megabytes(reader)}`,
  )
  printFigure({
    question: 'memory, group by',
    ratio: round(own.peakBytes / other.peakBytes, 3),
    unit: 'of the memory for the rows of NDJSON as objects',
    target: TARGETS.memory,
  })
}

async function compareWriting({ set, ndjson }: Stored) {
  const { readSchema, readObjects, writeNdjson, holdRows, holdArrow } = await loadBundle<
    typeof import('./write-rows.ts')
  >('benches/compression/write-rows.ts', folder)
  const schema = readSchema(JSON.stringify(toSchema(set)))
  const emptyBytes = heldBytes()
  const objects = await readObjects(ndjson)
  const objectBytes = heldBytes() - emptyBytes
  const rows = await holdRows(ndjson, path.join(folder, 'rows'), schema)
  const timings = await takeTurns(
    [
      async () => ({ table: await time(() => rows.write()) }),
      async () => ({ ndjson: await time(() => writeNdjson(objects, path.join(folder, 'rows.ndjson'))) }),
    ],
    rounds,
  )
  rows.close()
  printTimes('write', timings, ['table', 'ndjson'], TARGETS.write)
  const arrow = await holdArrow(path.join(folder, 'rows', 'rows.parquet'), schema, objects.length)
  const arrowBytes = arrow.reduce((sum, { byteLength }) => sum + byteLength, 0)
  console.log(
    `\na million rows held, MB: objects ${Math.round(objectBytes / MB)}, Arrow ${Math.round(arrowBytes / MB)}`,
  )
  printFigure({
    question: 'memory, a million rows held',
    ratio: round(arrowBytes / objectBytes, 3),
    unit: 'of the same rows as objects',
    target: TARGETS.memory,
  })
}

function printTimes(
  question: string,
  timings: Record<string, number[]>,
  [own, other]: [string, string],
  target: number,
) {
  for (const [side, ms] of Object.entries(timings)) printSamples(`${question}, ${side}, ms`, ms)
  const ratio = median(timings[other]) / median(timings[own])
  printFigure({ question, ratio: round(ratio, 2), unit: 'x faster', target, met: ratio >= target })
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** The memory of JavaScript, within and outside of its heap. */
function heldBytes(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function listFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() && entry.name.endsWith('.parquet') ? [path.join(entry.parentPath, entry.name)] : [],
  )
}
