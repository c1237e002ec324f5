import type { Step } from './step.ts'
import { vitestStep } from './vitest-step.ts'

/** The projects whose tests need only this process (see vitest.config.ts). */
export const QUICK_PROJECTS = ['pure', 'dom']

/** Format, types, lint, rooms, dead code: the checks that do not run the product. The longest comes first. */
export const LINT_STEPS: readonly Step[] = [
  // One program loads the types once, for the linter and for the errors of the compiler.
  {
    name: 'types and lint',
    command: 'npx',
    args: ['oxlint', '--type-aware', '--type-check', '--deny-warnings'],
    // The type checker is written in Go. It ends soon, so it collects garbage less often: a sixth of its time.
    env: { GOGC: '400' },
  },
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
