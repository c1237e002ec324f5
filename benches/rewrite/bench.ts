import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { median, printFigure, printSamples, round } from '../figures.mjs'
import { loadBundle } from '../load-bundle.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const MIB = 1024 * 1024
// As the worker and the process that stages a load are started.
setFlagsFromString('--no-incremental-marking')
const TARGET = 1

// Below the project, where the bundle finds its packages.
const folder = mkdtempSync(path.resolve('.cache/bench-rewrite-'))
try {
  const { prepare, measureDuckdb, measureRewrite, measureTranscoding } = await loadBundle<
    typeof import('./rewrite-flights.ts')
  >('benches/rewrite/rewrite-flights.ts', folder)
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
