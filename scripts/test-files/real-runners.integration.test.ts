import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { countResults } from '../steps/run-report.ts'
import { runSteps } from '../steps/run-steps.ts'
import type { Step } from '../steps/step.ts'
import { EVENTS_VARIABLE } from './file-events.ts'
import { rerunFailed } from './rerun-failed.ts'

/**
 * Vitest and Playwright themselves, over test files that fail, crash, hang and leave the first time: the events of the
 * reporters are enough to know what became of each.
 */

/** Within the repository, because the files import its packages. */
const FOLDER = path.resolve(`.cache/real-runners-${process.pid}`)
/** Runs the code only in the first process that comes here. */
const ONCE = (name: string, code: string) => `
  const isFirst = !existsSync('${FOLDER}/${name}.done')
  writeFileSync('${FOLDER}/${name}.done', '')
  if (isFirst) { ${code} }`
const IMPORTS = `import { existsSync, writeFileSync } from 'node:fs'\n`
const BEHAVIOURS = {
  passes: '',
  'fails-once': `expect(1).toBe(2)`,
  'crashes-once': `process.kill(process.pid, 'SIGKILL')`,
  'throws-once': `setTimeout(() => { throw new Error('thrown late') }); await new Promise((go) => setTimeout(go, 50))`,
  'hangs-once': `for (;;);`,
}

beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true })
})
afterAll(() => rmSync(FOLDER, { recursive: true }))
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
})

function relative(name: string): string {
  return path.relative('.', path.join(FOLDER, name))
}

async function settle(step: Step) {
  const report = await rerunFailed(await runSteps([step]))
  const names = report.flaky.map(({ file }) => /[\w-]+/.exec(path.basename(file.file))?.[0] ?? '').toSorted()
  return { flaky: names, counts: countResults(report) }
}

describe('Vitest', () => {
  function vitestRun(files: readonly string[]): Step {
    const events = path.join(FOLDER, 'vitest.events')
    return {
      name: 'Vitest',
      command: 'npx',
      args: [
        'vitest',
        'run',
        `--config=${path.join(FOLDER, 'vitest.config.ts')}`,
        '--reporter=./scripts/test-files/vitest-reporter.ts',
        ...files,
      ],
      env: { [EVENTS_VARIABLE]: events, VITEST: '', VITEST_MODE: '', VITEST_WORKER_ID: '', VITEST_POOL_ID: '' },
      limits: { totalMs: 60_000, stallMs: 8000 },
      tests: { events, rerun: (again) => vitestRun(again.map(({ file }) => file)) },
    }
  }

  beforeAll(() => {
    for (const [name, code] of Object.entries(BEHAVIOURS)) {
      writeFileSync(
        path.join(FOLDER, `${name}.test.ts`),
        `import { expect, test } from 'vitest'\n${IMPORTS}
        test('first', () => { expect(1).toBe(1) })
        test('second', async () => { ${ONCE(name, code)} })`,
      )
    }
    writeFileSync(
      path.join(FOLDER, 'always-fails.test.ts'),
      `import { expect, test } from 'vitest'\ntest('adds', () => { expect(1).toBe(2) })`,
    )
    writeFileSync(
      path.join(FOLDER, 'vitest.config.ts'),
      `export default { test: { name: 'own', include: ['${relative('*.test.ts')}'], pool: 'forks', isolate: false, maxWorkers: 2 } }`,
    )
  })

  const filesOf = (...names: string[]) => names.map((name) => relative(`${name}.test.ts`))

  test('names the files that fail, crash and throw once as flaky, and one that fails twice as failed', async () => {
    const names = ['always-fails', 'crashes-once', 'fails-once', 'passes', 'throws-once']
    const { flaky, counts } = await settle(vitestRun(filesOf(...names)))

    expect(flaky).toEqual(['crashes-once', 'fails-once', 'throws-once'])
    expect(counts.failures.map(({ name }) => name)).toEqual([`${relative('always-fails.test.ts')}: adds`])
    expect(counts.passed).toBe(8)
  })

  test('is killed when a file hangs, which is then flaky', async () => {
    const { flaky, counts } = await settle(vitestRun(filesOf('hangs-once', 'passes')))

    expect(flaky).toEqual(['hangs-once'])
    expect(counts).toMatchObject({ passed: 4, failed: 0 })
  })
})

describe('Playwright', () => {
  function playwrightRun(specs: readonly string[]): Step {
    const events = path.join(FOLDER, 'playwright.events')
    return {
      name: 'Playwright',
      command: 'npx',
      args: ['playwright', 'test', '--config', path.join(FOLDER, 'playwright.config.ts'), ...specs],
      env: { [EVENTS_VARIABLE]: events },
      limits: { totalMs: 60_000, stallMs: 20_000 },
      tests: { events, rerun: (again) => playwrightRun(again.map(({ file }) => path.basename(file))) },
    }
  }

  test('names a spec that fails or crashes once as flaky, and runs one that depended on it', async () => {
    const behaviours = { ...BEHAVIOURS, depends: '' }
    for (const name of ['passes', 'fails-once', 'crashes-once', 'depends'] as const) {
      writeFileSync(
        path.join(FOLDER, `${name}.spec.ts`),
        `import { expect, test } from '@playwright/test'\n${IMPORTS}
        test('first', async () => { ${ONCE(`${name}-spec`, behaviours[name])} })`,
      )
    }
    writeFileSync(
      path.join(FOLDER, 'playwright.config.ts'),
      `export default {
        testDir: '.', testMatch: '*.spec.ts', workers: 2, outputDir: '${FOLDER}/results',
        projects: [{ name: 'flows', testIgnore: 'depends.spec.ts' },
          { name: 'after', testMatch: 'depends.spec.ts', dependencies: ['flows'] }],
        reporter: [['${path.resolve('scripts/test-files/playwright-reporter.ts')}']],
      }`,
    )
    const { flaky, counts } = await settle(playwrightRun([]))

    expect(counts.failures).toEqual([])
    expect(flaky).toEqual(['crashes-once', 'fails-once'])
    expect(counts.passed).toBe(4)
  })
})
