import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { waitUntilExited } from '@/testing/processes/process-tree'
import { EVENTS_VARIABLE } from '../test-files/file-events.ts'
import type { FileRun } from '../test-files/file-run.ts'
import { countResults, exitCodeOf, formatReport } from './run-report.ts'
import { runSteps } from './run-steps.ts'
import type { Step, StepRun } from './step.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'steps-'))
afterAll(() => rmSync(folder, { recursive: true }))

function nodeStep(name: string, script: string, more: Partial<Step> = {}): Step {
  return { name, command: process.execPath, args: ['-e', script], ...more }
}

let stepCount = 0

/** A runner of tests that writes these events, a line each, and then runs the script. */
function testStep(events: readonly object[], script = '', more: Partial<Step> = {}): Step {
  stepCount += 1
  const file = path.join(folder, `${stepCount}.events`)
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  const write = `require('node:fs').appendFileSync(process.env.${EVENTS_VARIABLE}, ${JSON.stringify(lines)});`
  const env = { [EVENTS_VARIABLE]: file }
  return nodeStep('tests', write + script, { env, tests: { events: file, rerun: null }, ...more })
}

const ENDED = { kind: 'ended', file: 'a.test.ts', project: 'pure', passed: 7, failures: [], wallMs: 1, processorMs: 1 }
const COMPLETE = { kind: 'complete', problems: [] }

describe('runSteps', () => {
  beforeEach(() => {
    vi.spyOn(console, 'log').mockImplementation(() => {})
  })

  const countSteps = async (...steps: Step[]) => countResults({ runs: await runSteps(steps) })

  test('A step without tests counts as one', async () => {
    const counts = await countSteps(
      nodeStep('good', ''),
      nodeStep('bad', 'console.error("the reason"); process.exit(3)'),
    )

    expect(counts).toEqual({ passed: 1, failed: 1, failures: [{ name: 'bad', reason: 'the reason' }] })
  })

  test('A runner that fails although no test failed is a failure', async () => {
    const counts = await countSteps(
      testStep([ENDED, COMPLETE], 'console.log("too few lines are covered"); process.exit(1)'),
    )

    expect(counts).toEqual({
      passed: 7,
      failed: 1,
      failures: [{ name: 'tests', reason: 'too few lines are covered' }],
    })
  })

  test('A runner that reported nothing is a failure, even if it ended well', async () => {
    expect(await countSteps(testStep([]))).toMatchObject({ passed: 0, failed: 1 })
  })

  test('A runner that exits before it reported its end is a failure', async () => {
    expect(await countSteps(testStep([ENDED]))).toMatchObject({ passed: 7, failed: 1 })
  })

  test('A problem that belongs to no file is a failure, even if every test passed', async () => {
    const counts = await countSteps(testStep([ENDED, { kind: 'complete', problems: ['Error: thrown late\n at x'] }]))

    expect(counts).toMatchObject({ passed: 7, failed: 1, failures: [{ name: 'Error: thrown late' }] })
  })

  test('A step that does not end is killed at its limit, with the programs that it started', async () => {
    // A shell starts at once, also on a busy machine.
    const args = ['-c', 'sleep 1000 & echo "child $!"; wait']
    const limits = { totalMs: 1000, stallMs: 1000 }
    const runs = await runSteps([{ name: 'endless', command: 'sh', args, limits }])

    const [failure] = countResults({ runs }).failures
    expect(failure?.reason).toMatch(/^It was stopped after 1 s\./)
    const pid = Number(/child (\d+)/.exec(failure?.reason ?? '')?.[1])
    await expect(waitUntilExited([pid])).resolves.toBeUndefined()
  })

  test('A runner whose tests hang is killed although its time is not over, and names the files', async () => {
    const started = { kind: 'started', file: 'b.test.ts', project: 'pure' }
    const planned = { kind: 'planned', files: [ENDED, started, { file: 'c.test.ts', project: 'pure' }] }
    const limits = { totalMs: 60_000, stallMs: 700 }
    const runs = await runSteps([
      testStep([planned, ENDED, started], 'setInterval(() => {}, 1000)', { limits }),
      nodeStep('next', ''),
    ])

    expect(runs[0]?.files.map(({ file, state }) => [file, state])).toEqual([
      ['a.test.ts', 'ended'],
      ['b.test.ts', 'unfinished'],
      ['c.test.ts', 'not run'],
    ])
    expect(countResults({ runs })).toMatchObject({ passed: 8, failed: 2 })
  })

  test('A runner that starts slowly is not taken for one that hangs', async () => {
    const step = testStep([ENDED, COMPLETE], '', { limits: { totalMs: 60_000, stallMs: 300 } })
    const sleep = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 900);'

    expect(await countSteps({ ...step, args: ['-e', sleep + step.args.at(-1)] })).toMatchObject({ failed: 0 })
  })

  test('Each step says how long it took, and how long it computed itself', async () => {
    const runs = await runSteps(
      [nodeStep('computes', 'for (let i = 0; i < 1e9; i += 1);'), nodeStep('waits', 'setTimeout(() => {}, 1200)')],
      { width: 2 },
    )

    const [computing, waiting] = ['computes', 'waits'].map((name) => runs.find(({ step }) => step.name === name))
    for (const { wallMs } of runs) expect(wallMs).toBeGreaterThan(0)
    expect(waiting?.processorMs).toBeGreaterThan(0)
    expect(computing?.processorMs).toBeGreaterThan(waiting?.processorMs ?? Infinity)
  })
})

const PASSED: StepRun = { step: nodeStep('tests', ''), wallMs: 1, processorMs: 1, failures: [], files: [] }

function flakyFile(file: string) {
  const run: FileRun = { file, project: 'server', state: 'ended', passed: 1, failures: [], wallMs: 1, processorMs: 1 }
  return { file: run, failure: { name: `${file}: adds`, reason: 'expected 1' } }
}

describe('formatReport', () => {
  const end = (report: Parameters<typeof formatReport>[0]) => formatReport(report).split('\n\n').slice(1).join('\n\n')

  test('The text ends with every failure and the counts', () => {
    const failures = [
      { name: 'a.test.ts: adds', reason: 'expected 1\nreceived 2' },
      { name: 'b.test.ts: removes', reason: 'timed out' },
    ]

    expect(end({ runs: [PASSED, { ...PASSED, failures }] })).toBe(
      [
        '✗ a.test.ts: adds',
        '    expected 1',
        '    received 2',
        '',
        '✗ b.test.ts: removes',
        '    timed out',
        '',
        '1 passed, 2 failed',
      ].join('\n'),
    )
  })

  test('Of many failures, the text shows the first and counts the rest', () => {
    const failures = Array.from({ length: 45 }, (_, i) => ({ name: `test ${i}`, reason: 'why' }))
    const text = formatReport({ runs: [{ ...PASSED, failures }] })

    expect(text).toContain('✗ test 29\n')
    expect(text).not.toContain('✗ test 30\n')
    expect(text).toMatch(/✗ and 15 more\n\n0 passed, 45 failed$/)
  })

  test('A flaky file is named with its first failure and counted, and the run passes', () => {
    const report = { runs: [PASSED], flaky: [flakyFile('a.test.ts')] }

    expect(end(report)).toBe(
      [
        '~ a.test.ts (server) is flaky: it failed and passed alone',
        '    a.test.ts: adds',
        '    expected 1',
        '',
        '1 flaky file',
        '1 passed, 0 failed',
      ].join('\n'),
    )
    expect(exitCodeOf(report)).toBe(0)
  })

  test('More than three flaky files fail a run', () => {
    const flaky = ['a', 'b', 'c', 'd'].map((name) => flakyFile(`${name}.test.ts`))

    expect(exitCodeOf({ runs: [PASSED], flaky: flaky.slice(1) })).toBe(0)
    expect(formatReport({ runs: [PASSED], flaky })).toMatch(/\n4 flaky files\n1 passed, 1 failed$/)
    expect(exitCodeOf({ runs: [PASSED], flaky })).toBe(1)
  })

  test('A flaky file whose cause is overdue fails a run', () => {
    expect(exitCodeOf({ runs: [PASSED], overdue: [{ name: 'a.test.ts', reason: 'mend it' }] })).toBe(1)
  })
})

test('A run in which nothing passed has failed', () => {
  const failed = { ...PASSED, failures: [{ name: 'tests', reason: 'why' }] }

  expect(exitCodeOf({ runs: [] })).toBe(1)
  expect(exitCodeOf({ runs: [PASSED] })).toBe(0)
  expect(exitCodeOf({ runs: [PASSED, failed] })).toBe(1)
})
