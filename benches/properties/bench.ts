import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { printFigure, round } from '../figures.mjs'
import { loadBundle } from '../load-bundle.ts'

const COMMITS = 2_100
const MAX_ADDED_MS = 8

// Below the project, where the bundle finds its packages.
const folder = mkdtempSync(path.resolve('.cache/bench-properties-'))
try {
  const { commitProperties } = await loadBundle<typeof import('./commit-properties.ts')>(
    'benches/properties/commit-properties.ts',
    folder,
  )
  const perCommitMs = await commitProperties(path.join(folder, 'home'), COMMITS)
  for (const [i, ms] of perCommitMs.entries()) {
    console.log(
      `${String(i * 100 + 1).padStart(5)} to ${String((i + 1) * 100).padStart(5)}: ${round(ms, 1)} ms a commit`,
    )
  }
  // The first hundred also compile the code.
  const [, few = 0] = perCommitMs
  const many = perCommitMs.at(-1) ?? 0
  printFigure({
    question: 'processor time that 2,000 properties add to a commit',
    value: round(many - few, 1),
    unit: 'ms',
    target: MAX_ADDED_MS,
    met: many - few <= MAX_ADDED_MS,
  })
} finally {
  rmSync(folder, { recursive: true })
}
