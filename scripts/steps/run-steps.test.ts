import { beforeEach, describe, expect, test, vi } from 'vitest'
import { runSteps, type Step } from './run-steps.ts'
import { exitCodeOf, formatTally } from './tally.ts'

function nodeStep(name: string, script: string, more: Partial<Step> = {}): Step {
  return { name, command: process.execPath, args: ['-e', script], ...more }
}

describe('runSteps', () => {
  beforeEach(() => {
    vi.spyOn(console, 'log').mockImplementation(() => {})
  })

  test('A step without tests counts as one', async () => {
    const tally = await runSteps([
      nodeStep('good', ''),
      nodeStep('bad', 'console.error("the reason"); process.exit(3)'),
    ])

    expect(tally).toMatchObject({ passed: 1, failed: 1, failures: [{ name: 'bad', reason: 'the reason' }] })
  })

  test('A runner that fails although no test failed is a failure', async () => {
    const allPassed = () => ({ passed: 7, failed: 0, failures: [] })
    const tally = await runSteps([
      nodeStep('tests', 'console.log("too few lines are covered"); process.exit(1)', { tally: allPassed }),
    ])

    expect(tally).toMatchObject({
      passed: 7,
      failed: 1,
      failures: [{ name: 'tests', reason: 'too few lines are covered' }],
    })
  })

  test('A runner that wrote no report is a failure, even if it ended well', async () => {
    const tally = await runSteps([nodeStep('tests', '', { tally: () => null })])

    expect(tally).toMatchObject({ passed: 0, failed: 1 })
  })

  test('Each step says how long it took, and how long it computed itself', async () => {
    const { steps = [] } = await runSteps(
      [nodeStep('computes', 'for (let i = 0; i < 1e9; i += 1);'), nodeStep('waits', 'setTimeout(() => {}, 1200)')],
      { width: 2 },
    )

    const [computing, waiting] = ['computes', 'waits'].map((name) => steps.find(({ step }) => step === name))
    for (const { wallMs } of steps) expect(wallMs).toBeGreaterThan(0)
    expect(waiting?.processorMs).toBeGreaterThan(0)
    expect(computing?.processorMs).toBeGreaterThan(waiting?.processorMs ?? Infinity)
  })

  test('The failures of a report are passed on', async () => {
    const failures = [{ name: 'a test', reason: 'expected 1' }]
    const tally = await runSteps([
      nodeStep('tests', 'process.exit(1)', { tally: () => ({ passed: 7, failed: 1, failures }) }),
    ])

    expect(tally).toMatchObject({ passed: 7, failed: 1, failures })
  })
})

describe('formatTally', () => {
  test('The text ends with every failure and the counts', () => {
    const failures = [
      { name: 'a.test.ts: adds', reason: 'expected 1\nreceived 2' },
      { name: 'b.test.ts: removes', reason: 'timed out' },
    ]

    expect(formatTally({ passed: 5, failed: 2, failures })).toBe(
      [
        '✗ a.test.ts: adds',
        '    expected 1',
        '    received 2',
        '',
        '✗ b.test.ts: removes',
        '    timed out',
        '',
        '5 passed, 2 failed',
      ].join('\n'),
    )
  })

  test('Of many failures, the text shows the first and counts the rest', () => {
    const failures = Array.from({ length: 45 }, (_, i) => ({ name: `test ${i}`, reason: 'why' }))
    const text = formatTally({ passed: 0, failed: 45, failures })

    expect(text).toContain('✗ test 29\n')
    expect(text).not.toContain('✗ test 30\n')
    expect(text).toMatch(/✗ and 15 more\n\n0 passed, 45 failed$/)
  })
})

test('A run in which nothing passed has failed', () => {
  expect(exitCodeOf({ passed: 0, failed: 0, failures: [] })).toBe(1)
  expect(exitCodeOf({ passed: 1, failed: 0, failures: [] })).toBe(0)
  expect(exitCodeOf({ passed: 9, failed: 1, failures: [] })).toBe(1)
})
