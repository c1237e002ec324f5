import { mkdirSync } from 'node:fs'
import { buildIfStale } from './build.ts'
import { ensureHeadlessChromium } from './chromium.ts'
import { listTouchedParts, type PartChoice, parsePartChoice } from './parts/choose-parts.ts'
import { type Part, type PartName, PARTS } from './parts/parts.ts'
import { formatProofs, readProofs, recordProofs } from './parts/proofs.ts'
import { forgetKitSummary, installPeers, readKitSummary } from './steps/peer-steps.ts'
import { exitCodeOf, formatReport } from './steps/run-report.ts'
import { runSteps } from './steps/run-steps.ts'
import type { StepRun } from './steps/step.ts'
import { testEnvironment } from './steps/test-environment.ts'
import { settleRun } from './test-files/settle-run.ts'

/**
 * Runs parts of the whole: those that are named, or those that changes touch. A part that passes is recorded in
 * `testing/parts.json`, unless filters narrowed it, a program was missing, or the working tree differs from its commit.
 * With `CI=true` a program that cannot be installed is a failure; otherwise its tests are skipped and say so.
 */

/** A file of a part takes up to several minutes alone. */
const RERUN_LIMIT_MS = 15 * 60_000

const choice = readChoice()
const names = choice.kind === 'named' ? choice.names : listTouchedParts(readProofs(), choice.commit)
const filters = choice.kind === 'named' ? choice.filters : []
if (names.length === 0) {
  console.log(`No part runs: nothing that they prove has changed.\n\n${formatProofs()}`)
  process.exit(0)
}

mkdirSync('.cache', { recursive: true })
Object.assign(process.env, testEnvironment())
forgetKitSummary()
const parts = names.map((name) => ({ name, part: PARTS[name] as Part }))
console.log(`Parts: ${names.join(', ')}`)
const chromium = names.some((name) => name === 'flows' || name === 'pages') ? ensureHeadlessChromium() : null
const installed = await installPeers([...new Set(parts.flatMap(({ part }) => part.peers))])
if (parts.some(({ part }) => part.needsBuild)) await buildIfStale()
const isLoud = parts.length === 1
const runsByPart = new Map<PartName, StepRun>()
for (const [isAlone, width] of [
  [true, 1],
  [false, 2],
] as const) {
  const group = parts.filter(({ part }) => part.isAlone === isAlone)
  const steps = group.map(({ name, part }) => [name, part.makeStep(filters, chromium)] as const)
  for (const run of await runSteps(
    steps.map(([, step]) => step),
    { width, isLoud },
  )) {
    const name = steps.find(([, step]) => step === run.step)?.[0]
    if (name) runsByPart.set(name, run)
  }
}
const isInstalled = installed.every(({ failures }) => failures.length === 0)
const counted = process.env.CI === 'true' ? installed : []
const report = await settleRun([...runsByPart.values(), ...counted], { limitMs: RERUN_LIMIT_MS })
const green = names.filter((name) => isGreen(report.runs, runsByPart.get(name)))
if (filters.length > 0) console.log('Nothing is recorded as proven: filters narrowed the part.')
else if (!isInstalled) console.log('Nothing is recorded as proven: a program could not be installed.')
else if (green.length > 0 && !recordProofs(green))
  console.log('Nothing is recorded as proven: the working tree differs from its commit.')
if (names.includes('interop-product')) console.log(readKitSummary())
console.log(`${formatProofs()}\n`)
console.log(formatReport(report))
process.exit(exitCodeOf(report))

function readChoice(): PartChoice {
  try {
    return parsePartChoice(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(2)
  }
}

/** Whether everything of a part passed, if need be the second time. */
function isGreen(runs: readonly StepRun[], run: StepRun | undefined): boolean {
  const settled = runs.find(({ step }) => step === run?.step)
  return (
    settled !== undefined &&
    settled.failures.length === 0 &&
    settled.files.every(({ failures }) => failures.length === 0)
  )
}
