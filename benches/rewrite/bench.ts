import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { median, printFigure, printSamples, round } from '../figures.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const MIB = 1024 * 1024
const TARGET = 1

// Below the project, where the bundle finds its packages.
const folder = mkdtempSync(path.resolve('.cache/bench-rewrite-'))
try {
  const { prepare, measureDuckdb, measureRewrite, measureTranscoding } = await loadSides()
  const input = path.resolve('node_modules/vega-datasets/data/flights-3m.parquet')
  const { rowCount, fileBytes } = await prepare(input, folder)
  console.log(`${rowCount} rows, ${round(fileBytes / MIB, 1)} MiB; load average ${round(loadavg()[0] ?? 0, 1)}`)
  const sides = {
    rewrite: () => measureRewrite(folder, rowCount),
    transcoding: () => measureTranscoding(folder),
    duckdb: () => measureDuckdb(folder),
  }
  const timings = { rewrite: [], transcoding: [], duckdb: [] } as Record<keyof typeof sides, Timing[]>
  for (let turn = -1; turn < Number(values.rounds); turn += 1) {
    for (const side of ['rewrite', 'transcoding', 'duckdb'] as const) {
      const timing = await sides[side]()
      if (turn >= 0) timings[side].push(timing)
    }
  }
  for (const [side, measured] of Object.entries(timings)) {
    printSamples(
      `${side}, ms of the processor`,
      measured.map(({ cpuMs }) => cpuMs),
    )
    printSamples(
      `${side}, MiB/s`,
      measured.map(({ ms }) => fileBytes / MIB / (ms / 1000)),
    )
  }
  const cpuOf = (side: keyof typeof sides) => median(timings[side].map(({ cpuMs }) => cpuMs))
  printFigure({ question: 'rewrite over DuckDB', ratio: round(cpuOf('rewrite') / cpuOf('duckdb'), 2), target: TARGET })
} finally {
  rmSync(folder, { recursive: true })
}

type Timing = import('./rewrite-flights.ts').Timing

async function loadSides(): Promise<typeof import('./rewrite-flights.ts')> {
  const outfile = path.join(folder, 'rewrite-flights.mjs')
  await build({
    entryPoints: ['benches/rewrite/rewrite-flights.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // `server-only` is empty under this condition. Packages with binaries are not bundled.
    conditions: ['react-server'],
    alias: { '@': path.resolve('.') },
    external: ['@duckdb/node-api', 'snappy', 'lz4-napi'],
    logLevel: 'warning',
  })
  return (await import(pathToFileURL(outfile).href)) as typeof import('./rewrite-flights.ts')
}
