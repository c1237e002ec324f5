import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { buildIfStale } from './build.ts'
import { ensureHeadlessChromium } from './chromium.ts'
import { isCommitted, readHead } from './parts/repository.ts'
import { playwrightStep } from './steps/e2e-step.ts'
import { runSteps } from './steps/run-steps.ts'
import type { Step } from './steps/step.ts'
import { testEnvironment } from './steps/test-environment.ts'
import { vitestStep } from './steps/vitest-step.ts'
import { countHunt, type HuntFailure, readHuntRecord, writeHuntRecord } from './test-files/hunt-record.ts'

/**
 * Repeats tests of `npm test` in random order, and counts in `testing/hunt.json` how often they passed: `npm run hunt --
 * [--load] [--seed <seed>] <tests> <runs>`. The tests are a group, a test file or a journey (`e2e/….spec.ts`). With `--load`, two processes compute
 * next to them. Nothing runs again: every failure is recorded.
 */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  server: ['server'],
  pure: ['pure'],
  dom: ['dom'],
}
/** A file may be in any of them. */
const UNIT_PROJECTS = ['pure', 'dom', 'server']
const MAX_SEED = 2 ** 31
const BUSY_PROCESSES = 2

const { values, positionals } = parseArgs({
  options: { load: { type: 'boolean', default: false }, seed: { type: 'string' } },
  allowPositionals: true,
})
const [tests = '', runs = ''] = positionals
const runCount = Number(runs)
const isJourney = tests === 'journeys' || /^e2e\/.+\.spec\.ts$/.test(tests)
const projects = isJourney ? [] : (GROUPS[tests] ?? (/\.test\.tsx?$/.test(tests) ? UNIT_PROJECTS : null))
if (projects === null || !Number.isInteger(runCount) || runCount < 1) {
  console.error(
    `npm run hunt -- [--load] [--seed <seed>] <journeys | ${Object.keys(GROUPS).join(' | ')} | test file> <runs>`,
  )
  process.exit(2)
}

mkdirSync('.cache', { recursive: true })
Object.assign(process.env, testEnvironment())
const chromium = isJourney ? ensureHeadlessChromium() : null
if (isJourney) await buildIfStale()
const busy = values.load ? Array.from({ length: BUSY_PROCESSES }, startBusyProcess) : []
let failureCount = 0
try {
  for (let i = 0; i < runCount; i += 1) {
    const seed = values.seed === undefined ? Math.floor(Math.random() * MAX_SEED) : Number(values.seed)
    failureCount += (await repeat(seed)).length
  }
} finally {
  for (const child of busy) child.kill('SIGKILL')
}
console.log(`${runCount} runs, ${failureCount} failed tests\n${describeCounts()}`)
process.exit(failureCount > 0 ? 1 : 0)

async function repeat(seed: number): Promise<HuntFailure[]> {
  console.log(`Seed ${seed}`)
  const [run] = await runSteps([makeStep(seed)])
  if (!run) throw new Error('The step did not run.')
  const { id: commit } = readHead()
  const base = { commit, at: new Date().toISOString(), isLoaded: values.load }
  const failures = run.files.flatMap((file) => file.failures.map(({ name }) => ({ file: file.file, name })))
  // The runner itself may fail, too: then no file did.
  failures.push(...run.failures.map(({ name }) => ({ file: run.step.name, name })))
  const recorded = failures.map(({ file, name }): HuntFailure => ({ file, ...base, seed, name }))
  if (!isCommitted()) {
    console.log('Not recorded: the working tree differs from its commit.')
    return recorded
  }
  const record = readHuntRecord()
  writeHuntRecord({ runs: [...record.runs, { tests, ...base }], failures: [...record.failures, ...recorded] })
  return recorded
}

function makeStep(seed: number): Step {
  if (isJourney) {
    const step = playwrightStep(chromium, tests === 'journeys' ? [] : [tests], 'journeys')
    return { ...step, env: { ...step.env, LAKESHORE_E2E_SEED: String(seed) } }
  }
  const order = ['--sequence.shuffle.files', `--sequence.seed=${seed}`]
  return vitestStep(`hunt in ${tests}`, projects ?? [], { args: tests in GROUPS ? order : [...order, tests] })
}

function startBusyProcess(): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' })
  process.on('exit', () => child.kill('SIGKILL'))
  return child
}

function describeCounts(): string {
  const { group, files } = countHunt(readHuntRecord(), tests)
  const line = (name: string, { idle, loaded }: typeof group) => `${name}: ${idle} times, and ${loaded} under load`
  return [line(tests, group), ...[...files].map(([file, count]) => `  since its failure, ${line(file, count)}`)].join(
    '\n',
  )
}
