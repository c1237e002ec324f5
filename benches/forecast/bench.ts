import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { printFigure, round } from '../figures.mjs'
import { loadBundle } from '../load-bundle.ts'

const { values } = parseArgs({ options: { 'without-large': { type: 'boolean', default: false } } })
/** Shares of the bytes of the column. */
const MAX_DEVIATION = 0.1
const MAX_ERROR = 0.2

// Below the project, where the bundle finds its packages.
const folder = mkdtempSync(path.resolve('.cache/bench-forecast-'))
try {
  const { CASES, forecast } = await loadBundle<typeof import('./forecast-column.ts')>(
    'benches/forecast/forecast-column.ts',
    folder,
  )
  let missedCount = 0
  let largestError = 0
  for (const one of CASES.filter(({ isLarge = false }) => !isLarge || !values['without-large'])) {
    const { storedBytes, change, error, result } = await forecast(folder, one)
    const isMet = Math.abs(result - change) <= Math.max(MAX_DEVIATION, error)
    if (!isMet) missedCount += 1
    largestError = Math.max(largestError, error)
    console.log(
      `${one.name.padEnd(22)} ${String(storedBytes).padStart(11)} bytes   forecast ${percent(change)} ± ${percent(error)}   result ${percent(result)}   ${isMet ? 'met' : 'missed'}`,
    )
  }
  printFigure({ question: 'forecasts missed', value: missedCount, unit: 'files', target: 0 })
  printFigure({ question: 'largest range', value: round(largestError * 100, 1), unit: '%', target: MAX_ERROR * 100 })
} finally {
  rmSync(folder, { recursive: true })
}

function percent(share: number): string {
  return `${round(share * 100, 1)}%`.padStart(7)
}
