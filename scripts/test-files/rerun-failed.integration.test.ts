import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { countResults, exitCodeOf, formatReport } from '../steps/run-report.ts'
import { runSteps } from '../steps/run-steps.ts'
import type { Step } from '../steps/step.ts'
import { EVENTS_VARIABLE } from './file-events.ts'
import { rerunFailed } from './rerun-failed.ts'

/** The behaviour of a test file of the stand-in, in its first run and in its second. */
type Behaviour = 'pass' | 'fail' | 'hang' | 'crash' | 'leave'
type Plan = Readonly<Record<string, readonly [first: Behaviour, second: Behaviour]>>

/**
 * A runner of tests in one process, as Vitest is: it plans all files and runs them in order. One that hangs or crashes
 * takes the later ones with it, and one that leaves ends the process with success and without a report.
 */
const RUNNER = `
const { appendFileSync, existsSync, writeFileSync } = require('node:fs')
const [folder, plan, ...files] = process.argv.slice(1)
const write = (event) => appendFileSync(process.env.${EVENTS_VARIABLE}, JSON.stringify(event) + '\\n')
write({ kind: 'planned', files: files.map((file) => ({ file, project: 'pure' })) })
let isFailed = false
for (const file of files) {
  write({ kind: 'started', file, project: 'pure' })
  const [first, second] = JSON.parse(plan)[file]
  const behaviour = existsSync(folder + '/' + file) ? second : first
  writeFileSync(folder + '/' + file, '')
  if (behaviour === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  if (behaviour === 'crash') process.kill(process.pid, 'SIGKILL')
  if (behaviour === 'leave') process.exit(0)
  const failures = behaviour === 'fail' ? [{ name: file + ': adds', reason: 'expected 1' }] : []
  isFailed ||= failures.length > 0
  write({ kind: 'ended', file, project: 'pure', passed: 3 - failures.length, failures, wallMs: 1, processorMs: 1 })
}
write({ kind: 'complete', problems: [] })
process.exit(isFailed ? 1 : 0)`

const root = mkdtempSync(path.join(tmpdir(), 'reruns-'))
afterAll(() => rmSync(root, { recursive: true }))

let output: string[] = []
beforeEach(() => {
  output = []
  vi.spyOn(console, 'log').mockImplementation((text: string) => void output.push(text))
})

async function runPlan(plan: Plan, options: { limitMs?: number } = {}) {
  const folder = mkdtempSync(path.join(root, 'plan-'))
  const runs = await runSteps([planStep(folder, plan, Object.keys(plan)), { name: 'next', command: 'true', args: [] }])
  const { flaky, ...rest } = await rerunFailed(runs, options)
  const report = { flaky, ...rest }
  return { report, flaky: flaky.map(({ file }) => file.file), folder }
}

function planStep(folder: string, plan: Plan, files: readonly string[]): Step {
  const events = path.join(folder, 'events')
  return {
    name: `runs ${files.join(', ')}`,
    command: process.execPath,
    args: ['-e', RUNNER, folder, JSON.stringify(plan), ...files],
    env: { [EVENTS_VARIABLE]: events },
    limits: { totalMs: 20_000, stallMs: 1000 },
    tests: {
      events,
      rerun: (again) =>
        planStep(
          folder,
          plan,
          again.map(({ file }) => file),
        ),
    },
  }
}

describe('A test file that failed', () => {
  test('and passes alone is flaky, and its tests count as passed', async () => {
    const { report, flaky } = await runPlan({ a: ['pass', 'pass'], b: ['fail', 'pass'] })

    expect(flaky).toEqual(['b'])
    expect(countResults(report)).toMatchObject({ passed: 7, failed: 0 })
    expect(formatReport(report)).toContain(
      '~ b (pure) is flaky: it failed and passed alone\n    b: adds\n    expected 1',
    )
    expect(exitCodeOf(report)).toBe(0)
  })

  test('and fails alone fails the run, with its first failure', async () => {
    const { report, flaky } = await runPlan({ a: ['pass', 'pass'], b: ['fail', 'fail'] })

    expect(flaky).toEqual([])
    expect(countResults(report)).toMatchObject({ failed: 1, failures: [{ name: 'b: adds', reason: 'expected 1' }] })
  })

  test('runs again alone, after everything else', async () => {
    await runPlan({ a: ['fail', 'pass'], b: ['pass', 'pass'], c: ['fail', 'fail'] })

    expect(output.filter((line) => line.startsWith('… '))).toEqual(['… runs a, b, c', '… next', '… runs a', '… runs c'])
  })

  test('stays failed when the time for reruns is over, and says so', async () => {
    const { report } = await runPlan({ a: ['pass', 'pass'], b: ['fail', 'pass'] }, { limitMs: 0 })

    expect(countResults(report).failures[0]?.reason).toContain('not run again: the reruns had taken 0 s')
  })

  test('is killed when it hangs in the time that is left', async () => {
    const { report, flaky } = await runPlan({ a: ['pass', 'pass'], b: ['fail', 'hang'] }, { limitMs: 1500 })

    expect(flaky).toEqual([])
    expect(countResults(report)).toMatchObject({ failed: 1 })
  })
})

describe.each(['hang', 'crash', 'leave'] as const)('A test file whose process does not end: %s', (behaviour) => {
  test('is flaky if it passes alone, and the files behind it run', async () => {
    const { report, flaky } = await runPlan({
      a: ['pass', 'fail'],
      b: [behaviour, 'pass'],
      c: ['pass', 'fail'],
      d: ['pass', 'fail'],
    })

    expect(flaky).toEqual(['b'])
    expect(countResults(report)).toMatchObject({ passed: 13, failed: 0 })
    expect(exitCodeOf(report)).toBe(0)
  })

  test('fails the run if it does so again', async () => {
    const { report, flaky } = await runPlan({ a: ['pass', 'pass'], b: [behaviour, behaviour], c: ['pass', 'pass'] })

    expect(flaky).toEqual([])
    expect(countResults(report)).toMatchObject({ passed: 7, failed: 1 })
    expect(countResults(report).failures[0]?.reason).toContain('started and did not end')
  })

  test('does not hide that a file behind it fails', async () => {
    const { report, flaky } = await runPlan({ a: ['pass', 'pass'], b: [behaviour, 'pass'], c: ['fail', 'fail'] })

    expect(flaky).toEqual(['b'])
    expect(countResults(report)).toMatchObject({ failed: 1, failures: [{ name: 'c: adds' }] })
  })
})

test('A runner that ends no file at all is not started again', async () => {
  const folder = mkdtempSync(path.join(root, 'none-'))
  const events = path.join(folder, 'events')
  const script = `require('node:fs').writeFileSync(process.env.${EVENTS_VARIABLE}, ${JSON.stringify(
    `${JSON.stringify({ kind: 'planned', files: [{ file: 'a', project: '' }] })}\n`,
  )})`
  const rerun = vi.fn()
  const runs = await runSteps([
    {
      name: 'broken',
      command: process.execPath,
      args: ['-e', script],
      env: { [EVENTS_VARIABLE]: events },
      tests: { events, rerun },
    },
  ])
  const report = await rerunFailed(runs)

  expect(existsSync(events) && readFileSync(events, 'utf8')).toContain('planned')
  expect(rerun).not.toHaveBeenCalled()
  expect(countResults(report)).toMatchObject({ passed: 0, failed: 1 })
})
