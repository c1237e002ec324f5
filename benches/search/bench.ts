import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { parseDatabases, startDatabase } from '../databases.ts'
import { printFigure, printSamples, round } from '../figures.mjs'
import { loadBundle } from '../load-bundle.ts'

const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: '10000' },
    columns: { type: 'string', default: '50' },
    searches: { type: 'string', default: '100' },
    commits: { type: 'string', default: '100' },
    databases: { type: 'string' },
  },
})
const TARGET_MS = 50
const MIB = 1024 * 1024

// Below the project, where the bundle finds its packages.
const folder = mkdtempSync(path.resolve('.cache/bench-search-'))
try {
  const { measureSearch } = await loadBundle<typeof import('./measure-search.ts')>(
    'benches/search/measure-search.ts',
    folder,
  )
  for (const kind of parseDatabases(values.databases)) {
    const database = await startDatabase(kind)
    try {
      const measured = await measureSearch({
        homeDir: path.join(folder, kind),
        settings: database.settings,
        tableCount: Number(values.tables),
        columnCount: Number(values.columns),
        searchCount: Number(values.searches),
        commitCount: Number(values.commits),
      })
      console.log(`\n${kind}: load average ${round(loadavg()[0] ?? 0, 1)}`)
      console.log(
        `crawl of all tables ${round(measured.crawlMs / 1000, 1)} s, of none that changed ${round(measured.recrawlMs / 1000, 1)} s`,
      )
      console.log(`index ${round(measured.indexBytes / MIB, 1)} MiB, ${measured.entryCount} entries`)
      for (const [name, samples] of Object.entries(measured.searches)) {
        const p95 = percentile(samples.map(({ ms }) => ms))
        const cpuMs = percentile(samples.map((sample) => sample.cpuMs))
        printSamples(
          `${name}, ms`,
          samples.map(({ ms }) => ms),
        )
        const question = `search, ${kind}: ${name}, p95`
        printFigure({ question, value: round(p95, 1), cpuMs: round(cpuMs, 1), unit: 'ms', target: TARGET_MS })
      }
      printSamples('commit without reindex requests, ms', measured.plainCommits)
      printSamples('commit with reindex requests, ms', measured.indexedCommits)
      // Other programs only add to the time.
      const ratio = round(lowerQuartile(measured.indexedCommits) / lowerQuartile(measured.plainCommits), 2)
      printFigure({ question: `search, ${kind}: commit with reindex requests over one without`, ratio, target: 1.1 })
    } finally {
      await database.stop()
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}

function lowerQuartile(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 4)] ?? Number.NaN
}

function percentile(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length * 0.95)] ?? Number.NaN
}
