import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { installPyiceberg } from '../../testing/peers/install-pyiceberg.ts'
import { startPython } from '../../testing/peers/python-session.ts'
import { CATALOG } from '../../testing/product/console-client.ts'
import { type Lakeshore, startLakeshore } from '../../testing/product/lakeshore.ts'
import { median, printFigure, printSamples } from '../figures.mjs'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '100000' },
    commits: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
  },
})
const fileCount = Number(values.files)
const commitCount = Number(values.commits)
const rounds = Number(values.rounds)
const ROWS_PER_FILE = 1_000
const WARM_REQUESTS = 20
const TABLES = `/api/v1/catalogs/${CATALOG}/namespaces/bench/tables`
const TABLE = `${TABLES}/files`

/**
 * Appends entries of files that do not exist, with counts and bounds of ten columns; the bench does not read the files.
 */
const CREATE_TABLE = `
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import LongType, NestedField
fields = [NestedField(i + 1, f"column_{i}", LongType(), required=False) for i in range(10)]
catalog.create_namespace("bench")
catalog.create_table("bench.empty", Schema(*fields))
table = catalog.create_table("bench.files", Schema(*fields))
def data_file(n):
    ids = range(1, 11)
    return DataFile.from_args(
        content=DataFileContent.DATA, file_path=f"{table.location()}/data/{n:08}.parquet", file_format=FileFormat.PARQUET,
        partition=Record(), record_count=${ROWS_PER_FILE}, file_size_in_bytes=1000000,
        column_sizes={i: 9000 for i in ids}, value_counts={i: ${ROWS_PER_FILE} for i in ids},
        null_value_counts={i: 0 for i in ids}, nan_value_counts={},
        lower_bounds={i: n.to_bytes(8, "little") for i in ids}, upper_bounds={i: (n + 1).to_bytes(8, "little") for i in ids},
        key_metadata=None, split_offsets=None, equality_ids=None, sort_order_id=None, spec_id=0)
per_commit = ${fileCount} // ${commitCount}
for commit in range(${commitCount}):
    with table.transaction() as transaction:
        with transaction.update_snapshot().fast_append() as append:
            for n in range(commit * per_commit, (commit + 1) * per_commit):
                append.append_data_file(data_file(n))
answer = per_commit * ${commitCount}`

const PLAN_FILES = `
import time
started = time.perf_counter()
count = len(list(catalog.load_table("bench.files").scan().plan_files()))
answer = {"count": count, "ms": (time.perf_counter() - started) * 1000}`

const python = installPyiceberg()
if (python === null) throw new Error('PyIceberg cannot be installed, and it writes the table.')
const folder = mkdtempSync(path.join(tmpdir(), 'bench-plan-'))
const loopFolder = path.join(folder, 'loop')
mkdirSync(loopFolder)
const settings = {
  LAKESHORE_LOG_LEVEL: 'error',
  NODE_OPTIONS: `--import=${pathToFileURL(path.resolve('benches/watch-loop.mjs')).href}`,
  BENCH_LOOP_FOLDER: loopFolder,
}

let lakeshore = await startLakeshore(folder, settings)
const samples = {
  cold: [] as number[],
  warm: [] as number[],
  page: [] as number[],
  busy: [] as number[],
  idleDelay: [] as number[],
  delay: [] as number[],
  rss: [] as number[],
  pyiceberg: [] as number[],
}
try {
  const session = openPyiceberg(lakeshore)
  const written = await session.request<number>({ code: CREATE_TABLE })
  await session.stop()
  for (let round = 0; round < rounds; round += 1) {
    const { password } = lakeshore
    await lakeshore.stop()
    lakeshore = await startLakeshore(folder, settings, { password })
    await measure(written)
  }
  report()
} finally {
  await lakeshore.stop()
  rmSync(folder, { recursive: true, force: true })
}

function openPyiceberg({ uri, warehouse, token }: Lakeshore) {
  return startPython({
    name: 'bench-pyiceberg',
    python: python ?? '',
    program: 'pyiceberg_session.py',
    settings: { uri, warehouse, token },
  })
}

/** One round in processes that have not read the table yet. */
async function measure(expectedFiles: number): Promise<void> {
  // Excludes the work of a process's first requests from the measurement.
  const empty = (await timeJson(`${TABLES}/empty/scans`, 'POST')).body as { token: string }
  await timeJson(`/api/v1/scans/${empty.token}/files`, 'GET')
  await setTimeout(1_000)
  const idleAtMs = Date.now()
  await setTimeout(3_000)
  const startedAtMs = Date.now()
  samples.idleDelay.push(longest(readLoopLines(idleAtMs), 'maxDelayMs'))
  const cold = await timeJson(`${TABLE}/scans`, 'POST')
  const plan = cold.body as { token: string; fileCount: number }
  if (plan.fileCount !== expectedFiles) throw new Error(`the plan has ${plan.fileCount} files`)
  samples.cold.push(cold.ms)
  const warm: number[] = []
  for (let count = 0; count < WARM_REQUESTS; count += 1) warm.push((await timeJson(`${TABLE}/scans`, 'POST')).ms)
  samples.warm.push(median(warm))
  // Pages from rows in every manifest, each read for the first time.
  for (let part = 1; part < 10; part += 1) {
    const fromRow = Math.floor((expectedFiles * ROWS_PER_FILE * part) / 10)
    const address = `/api/v1/scans/${plan.token}/files?fromRow=${fromRow}&limit=200`
    const page = await timeJson(address, 'GET')
    const { files } = page.body as { files: { firstRowIndex: number }[] }
    if (files[0]?.firstRowIndex !== fromRow) throw new Error(`no file was listed for row ${fromRow}`)
    samples.page.push(page.ms)
  }
  await setTimeout(500)
  const lines = readLoopLines(startedAtMs)
  samples.busy.push(longest(lines, 'maxBusyMs'))
  samples.delay.push(longest(lines, 'maxDelayMs'))
  samples.rss.push(Math.max(...lines.map(({ rssBytes }) => rssBytes)) / 1024 / 1024)
  const session = openPyiceberg(lakeshore)
  const planned = await session.request<{ count: number; ms: number }>({ code: PLAN_FILES })
  await session.stop()
  if (planned.count !== expectedFiles) throw new Error(`PyIceberg planned ${planned.count} files`)
  samples.pyiceberg.push(planned.ms)
}

async function timeJson(address: string, method: string): Promise<{ ms: number; body: unknown }> {
  const startedAt = performance.now()
  const init = method === 'POST' ? { method, headers: { 'content-type': 'application/json' }, body: '{}' } : { method }
  const response = await lakeshore.console.fetch(address, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${address}: ${response.status} ${text}`)
  return { ms: performance.now() - startedAt, body: JSON.parse(text) }
}

type LoopLine = { atMs: number; maxDelayMs: number; maxBusyMs: number; rssBytes: number }

function readLoopLines(sinceMs: number): LoopLine[] {
  return readdirSync(loopFolder)
    .flatMap((name) => readFileSync(path.join(loopFolder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as LoopLine)
    .filter(({ atMs }) => atMs >= sinceMs)
}

function longest(lines: readonly LoopLine[], part: 'maxDelayMs' | 'maxBusyMs'): number {
  return Math.max(...lines.map((line) => line[part]))
}

function report(): void {
  printSamples('cold plan, ms', samples.cold)
  printSamples('warm plan, ms', samples.warm)
  printSamples('page of files, first time, ms', samples.page)
  printSamples('longest round, processor time, ms', samples.busy)
  printSamples('longest delay while idle, ms', samples.idleDelay)
  printSamples('longest event-loop delay, ms', samples.delay)
  printSamples('memory of a process, MiB', samples.rss)
  printSamples('PyIceberg plan_files, ms', samples.pyiceberg)
  const figure = (name: string, values: number[], unit: string, target: number) =>
    printFigure({ question: 'plan-scan', name, value: median(values), unit, target })
  figure('cold', samples.cold, 'ms', 2_000)
  figure('warm', samples.warm, 'ms', 50)
  figure('longest round', samples.busy, 'ms', 50)
}
