import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { FileTime } from './run-times.ts'
import type { Step } from './run-steps.ts'
import { toFailure, type Tally } from './tally.ts'

/** The projects whose tests need only this process (see vitest.config.ts). */
export const QUICK_PROJECTS = ['pure', 'dom']

/** Format, types, lint, rooms, dead code: the checks that do not run the product. The longest comes first. */
export const LINT_STEPS: readonly Step[] = [
  // One program loads the types once, for the linter and for the errors of the compiler.
  { name: 'types and lint', command: 'npx', args: ['oxlint', '--type-aware', '--type-check', '--deny-warnings'] },
  { name: 'format', command: 'npx', args: ['biome', 'format', '.'] },
  {
    name: 'rooms',
    command: 'npx',
    args: [
      'depcruise',
      'app',
      'components',
      'lib',
      'server',
      'proxy.ts',
      'instrumentation.ts',
      '--config',
      '.dependency-cruiser.cjs',
    ],
    // With any compiler other than TypeScript 6, it checks no module and reports success.
    isEmpty: (output) => !/\([1-9]\d* modules, [1-9]\d* dependencies cruised\)/.test(output),
  },
  { name: 'dead code', command: 'npx', args: ['knip'] },
]

/** Builds unless the last build used the same sources. */
export const BUILD_STEP: Step = { name: 'build', command: 'node', args: ['scripts/build.ts'] }

/** The `pure` and `dom` tests that import one of these files, directly or not, if any. */
export function reachedTestsStep(sources: readonly string[]): Step {
  return vitestStep('pure and component tests that the changes reach', QUICK_PROJECTS, {
    command: 'related',
    args: ['--run', '--passWithNoTests', ...sources],
  })
}

const SERVER_PROJECTS = ['server', 'server-mocks', 'exhaustive', 'integration']
/** The rooms whose coverage has a threshold (see vitest.config.ts), and `changes`, whose tests prove parts of catalogs. */
export const COVERED_ROOMS = [
  ...['changes', 'iceberg', 'layout', 'parquet', 'scan'].map((room) => `lib/${room}/`),
  ...['catalog', 'changes', 'data-files', 'http-out', 'ingest', 'storage', 'table-writes'].map(
    (room) => `server/${room}/`,
  ),
]

/**
 * All tests without other programs. Coverage is measured while the tests of the rooms with a threshold run: measuring
 * takes a third of the time of a test.
 */
export function coverageSteps(): Step[] {
  return [
    vitestStep('tests of rooms with a threshold, and coverage', ['pure', ...SERVER_PROJECTS], {
      coverage: true,
      args: COVERED_ROOMS,
    }),
    vitestStep('other unit, component and integration tests', [...QUICK_PROJECTS, ...SERVER_PROJECTS], {
      args: listOtherRooms(),
    }),
  ]
}

/** The entries that hold the other tests, as Vitest selects files: by a part of their paths. */
export function listOtherRooms(): string[] {
  const all = ['app/', 'components/', 'scripts/', 'testing/', ...listEntries('lib'), ...listEntries('server')]
  return all.filter((entry) => !COVERED_ROOMS.includes(entry))
}

/** The folders of a floor, each with a slash, and its test files. */
function listEntries(floor: string): string[] {
  return readdirSync(floor, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || /\.test\.tsx?$/.test(entry.name))
    .map((entry) => `${floor}/${entry.name}${entry.isDirectory() ? '/' : ''}`)
}

export type VitestOptions = { command?: 'run' | 'related'; coverage?: boolean; args?: readonly string[] }

/** A vitest step over the named projects. `args` are added to its command line. */
export function vitestStep(
  name: string,
  projects: readonly string[],
  { command = 'run', coverage = false, args = [] }: VitestOptions = {},
): Step {
  const report = `.cache/vitest-${projects.join('-')}.json`
  const times = `.cache/vitest-${projects.join('-')}-times.json`
  // A killed run writes no report: that of an earlier run must not be counted for it.
  for (const file of [report, times]) rmSync(file, { force: true })
  return {
    name,
    command: 'npx',
    args: [
      'vitest',
      command,
      ...projects.flatMap((project) => ['--project', project]),
      ...(coverage ? ['--coverage'] : []),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      '--reporter=./testing/setup/file-time-reporter.ts',
      ...args,
    ],
    // Functions from the cache of compiled scripts would be counted as not covered.
    env: { LAKESHORE_FILE_TIMES: times, ...(coverage && { NODE_DISABLE_COMPILE_CACHE: '1' }) },
    tally: () => vitestTally(report, times),
  }
}

type VitestReport = {
  numPassedTests: number
  numFailedTests: number
  testResults: readonly {
    name: string
    status: string
    message: string
    assertionResults: readonly { fullName: string; status: string; failureMessages: readonly string[] }[]
  }[]
}

function vitestTally(report: string, times: string): Tally | null {
  if (!existsSync(report) || !existsSync(times)) return null
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = path.relative('.', name)
    const failed = assertionResults.filter((result) => result.status === 'failed')
    // A file that could not be loaded has no tests.
    if (status === 'failed' && failed.length === 0) return [toFailure(file, message)]
    return failed.map((result) => toFailure(`${file}: ${result.fullName}`, result.failureMessages.join('\n')))
  })
  const files = JSON.parse(readFileSync(times, 'utf8')) as FileTime[]
  return { passed: numPassedTests, failed: Math.max(numFailedTests, failures.length), failures, files }
}
