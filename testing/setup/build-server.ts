import { execFileSync } from 'node:child_process'

/**
 * Vitest runs this before the first test file: tests start the programs of `build/`, which a fresh clone does not have
 * yet. No test builds them again, because another one may be starting them.
 */
export default function setup(): void {
  execFileSync('node', ['scripts/build-server.mjs'], { stdio: ['ignore', 'inherit', 'inherit'] })
}
