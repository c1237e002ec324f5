import { spawnSync } from 'node:child_process'

/**
 * Writes the golden tables again, all of them or the named ones. Needs the engines of `npm run test:whole -- engines`, of
 * named tables only their writers and readers.
 */
const names = process.argv.slice(2)
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'engines', 'testing/golden'], {
  stdio: 'inherit',
  env: { ...process.env, LAKESHORE_WRITE_GOLDEN: names.length === 0 ? 'all' : names.join(',') },
})
process.exit(status ?? 1)
