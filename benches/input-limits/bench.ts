import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { startLakeshore } from '../../testing/product/lakeshore.ts'
import { printFigure, printSamples, round } from '../figures.mjs'
import { loadBundle } from '../load-bundle.ts'
import type * as Requests from './requests.ts'

/** The processes write a line of their loops five times a second. */
const LINE_MS = 250
const LISTED = 10

const folder = mkdtempSync(path.join(tmpdir(), 'bench-limits-'))
const loopFolder = path.join(folder, 'loop')
mkdirSync(loopFolder)
mkdirSync('.cache/benches', { recursive: true })
const { oversizedRequests, sqlRequests } = await loadBundle<typeof Requests>(
  'benches/input-limits/requests.ts',
  '.cache/benches',
)
const lakeshore = await startLakeshore(folder, {
  LAKESHORE_LOG_LEVEL: 'error',
  NODE_OPTIONS: `--import=${pathToFileURL(path.resolve('benches/watch-loop.mjs')).href}`,
  BENCH_LOOP_FOLDER: loopFolder,
})
try {
  await measure('contract, above its limits', oversizedRequests())
  await measure('SQL of saved queries', sqlRequests())
  await measure(
    'the list of those queries',
    Array.from({ length: 10 }, () => ({ name: 'list', method: 'GET', path: '/api/v1/queries?limit=100', body: '' })),
  )
} finally {
  await lakeshore.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** Sends one request after another. The process has to answer each of them, and a request for its health in between. */
async function measure(group: string, requests: readonly Requests.LargeRequest[]): Promise<void> {
  await setTimeout(LINE_MS * 2)
  const startedAtMs = Date.now()
  const samples: { name: string; ms: number; status: number }[] = []
  for (const { name, method, path: address, body } of requests) {
    const requestedAtMs = performance.now()
    const init = method === 'GET' ? {} : { method, headers: { 'content-type': 'application/json' }, body }
    const response = await lakeshore.console.fetch(address, init)
    await response.text()
    const { status } = response
    if (status >= 500) throw new Error(`${name}: ${status}`)
    samples.push({ name, ms: performance.now() - requestedAtMs, status })
    const health = await lakeshore.console.fetch('/healthz')
    if (!health.ok) throw new Error(`after ${name}, the process is not healthy: ${health.status}`)
    await health.text()
  }
  await setTimeout(LINE_MS * 2)
  console.log(`\n${group}: ${samples.length} requests`)
  printSamplesShortly(samples.map(({ ms }) => ms))
  const statuses = Map.groupBy(samples, ({ status }) => status)
  console.log(`answers ${JSON.stringify(Object.fromEntries([...statuses].map(([status, of]) => [status, of.length])))}`)
  for (const { name, ms } of samples.toSorted((a, b) => b.ms - a.ms).slice(0, LISTED))
    console.log(`  ${round(ms, 1)} ms  ${name}`)
  printFigure({
    question: `input-limits, ${group}: longest round`,
    value: round(longestRoundMs(startedAtMs), 1),
    unit: 'ms',
    target: 50,
  })
}

function printSamplesShortly(samples: number[]): void {
  const sorted = samples.toSorted((a, b) => a - b)
  printSamples('slowest five (ms)', sorted.slice(-5))
}

/** The most processor time that a thread used in one round of its event loop. */
function longestRoundMs(sinceMs: number): number {
  const lines = readdirSync(loopFolder)
    .flatMap((name) => readFileSync(path.join(loopFolder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as { atMs: number; maxBusyMs: number })
  return Math.max(...lines.filter(({ atMs }) => atMs >= sinceMs).map(({ maxBusyMs }) => maxBusyMs))
}
