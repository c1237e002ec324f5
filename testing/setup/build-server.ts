import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { BUILD_STAMP, readBuildState } from '@/scripts/build'

/**
 * Vitest runs this before the first test file: tests start the programs of `build/`, which a fresh clone does not have
 * yet. No test builds them again, because another one may be starting them; and a run next to others finds them built.
 */
export default function setup(): void {
  if (readBuildState() === 'these') return
  // The pages of the last build are of other sources than these programs.
  rmSync(BUILD_STAMP, { force: true })
  execFileSync('node', ['scripts/build-server.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] })
}
