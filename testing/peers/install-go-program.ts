import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'

const BUILD_TIMEOUT_MS = 600_000

/**
 * Builds a Go program on first use (about a minute).
 *
 * @param module its package with a version: `github.com/…@v1.2.3`; the program has the name of its last folder
 * @returns its path, or null with a warning when Go or its modules are unavailable
 * @throws with `CI=true` instead of returning null, because a skipped test is a failure there
 */
export function installGoProgram(module: string): string | null {
  const [packagePath = '', version] = module.split('@')
  const name = path.posix.basename(packagePath)
  const folder = path.resolve(`.cache/${name}-${version}`)
  const program = path.join(folder, name)
  if (existsSync(program)) return program
  console.log(`… building ${module} with go`)
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  const { status, error, stderr } = spawnSync('go', ['install', module], {
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
    env: { ...process.env, GOBIN: draft, CGO_ENABLED: '0' },
  })
  // Another test file may have been faster; its program is as good.
  if (status === 0 && !existsSync(folder)) renameSync(draft, folder)
  else rmSync(draft, { recursive: true, force: true })
  if (status === 0) return program
  const problem = error?.message ?? stderr
  if (process.env.CI === 'true') throw new Error(`${name} could not be built: ${problem}`)
  console.warn(`${name} could not be built, so the tests that need it are skipped: ${problem}`)
  return null
}
