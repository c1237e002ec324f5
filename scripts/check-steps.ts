import { existsSync, readFileSync } from 'node:fs'
import type { Step, Tally } from './steps.ts'

/** The projects whose tests need nothing but this process (see vitest.config.ts). */
export const QUICK_PROJECTS = ['pure', 'dom', 'dom-mocks']

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
    // With another compiler than TypeScript 6, it cruises no module and reports success.
    isEmpty: (output) => !/\([1-9]\d* modules, [1-9]\d* dependencies cruised\)/.test(output),
  },
  { name: 'dead code', command: 'npx', args: ['knip'] },
]

/** The compiler of the product itself: the linter brings one of its own. */
export const TYPES_STEP: Step = { name: 'types', command: 'npx', args: ['tsc', '--noEmit'] }

export type VitestOptions = { coverage?: boolean; args?: readonly string[] }

/** A vitest step over the named projects. `args` are added to its command line. */
export function vitestStep(
  name: string,
  projects: readonly string[],
  { coverage = false, args = [] }: VitestOptions = {},
): Step {
  const report = `.cache/vitest-${projects.join('-')}.json`
  return {
    name,
    command: 'npx',
    args: [
      'vitest',
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      ...(coverage ? ['--coverage'] : []),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    tally: () => vitestTally(report),
  }
}

function vitestTally(report: string): Tally {
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
  }
  return { passed: numPassedTests, failed: numFailedTests }
}
