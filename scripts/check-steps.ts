import { existsSync, readFileSync } from 'node:fs'
import type { Step, Tally } from './steps.ts'

/** Format, types, lint, rooms, dead code: the checks that do not run the product. */
export const CHECK_STEPS: readonly Step[] = [
  { name: 'types', command: 'npx', args: ['tsc', '--noEmit'] },
  { name: 'format', command: 'npx', args: ['biome', 'format', '.'] },
  { name: 'lint', command: 'npx', args: ['oxlint', '--type-aware', '--deny-warnings'] },
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
