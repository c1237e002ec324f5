import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { parseDatabases, startDatabase } from '../databases.ts'
import { median, printFigure, printSamples, round } from '../figures.mjs'
import { loadBundle } from '../load-bundle.ts'

const { values } = parseArgs({
  options: { tables: { type: 'string', default: '5000' }, databases: { type: 'string' } },
})
const tableCount = Number(values.tables)
const TARGET_LIST_MS = 1_000
const TARGET_PAGE_MS = 200

// Below the project, where the bundle finds its packages.
const folder = mkdtempSync(path.resolve('.cache/bench-bulk-changes-'))
try {
  const { measureBulkChanges } = await loadBundle<typeof import('./measure-bulk-changes.ts')>(
    'benches/bulk-changes/measure-bulk-changes.ts',
    folder,
  )
  for (const kind of parseDatabases(values.databases)) {
    const database = await startDatabase(kind)
    try {
      const homeDir = path.join(folder, kind)
      const measured = await measureBulkChanges({ homeDir, settings: database.settings, tableCount })
      console.log(`\n${kind}: load average ${round(loadavg()[0] ?? 0, 1)}, ${tableCount} tables`)
      for (const [step, ms] of Object.entries(measured.steps))
        console.log(`${step}: ${round(ms / 1000, 1)} s, ${round(tableCount / (ms / 1000), 0)} tables a second`)
      const question = `bulk-changes, ${kind}`
      const list = {
        question: `${question}: list`,
        value: round(measured.listMs, 0),
        unit: 'ms',
        target: TARGET_LIST_MS,
      }
      printFigure(list)
      for (const [name, samples] of Object.entries(measured.pages)) {
        printSamples(`${name}, ms`, samples)
        const value = round(median(samples), 1)
        printFigure({ question: `${question}: ${name}, p50`, value, unit: 'ms', target: TARGET_PAGE_MS })
      }
    } finally {
      await database.stop()
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
