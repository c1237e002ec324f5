import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'

const INSTALL_TIMEOUT_MS = 600_000

/** What is installed together, each package pinned: `name==version`. */
export type PythonPackages = { name: string; version: string; packages: readonly string[] }

/**
 * A Python that has these packages, in a virtual environment of this folder's own, made on first use. A test skips
 * with a message where there is no Python or no package index.
 *
 * @returns the interpreter, or null where it cannot be had
 * @throws with `CI=true` instead of giving null: there, a skipped proof is a failure
 */
export function installPython({ name, version, packages }: PythonPackages): string | null {
  const venv = path.resolve(`.cache/${name.toLowerCase()}-${version}`)
  const python = path.join(venv, 'bin', 'python')
  if (existsSync(python)) return python
  console.log(`… installing ${name} ${version} with pip`)
  const problem = installPackages(venv, packages)
  if (problem === null) return python
  if (process.env.CI === 'true') throw new Error(`${name} could not be installed: ${problem}`)
  console.warn(`${name} could not be installed, so what it proves is skipped: ${problem}`)
  return null
}

/** What kept it from being installed, or null. */
function installPackages(venv: string, packages: readonly string[]): string | null {
  const draft = `${venv}.${process.pid}`
  mkdirSync(path.dirname(venv), { recursive: true })
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', draft]],
    [
      path.join(draft, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
    ],
  ]
  for (const [command, args] of steps) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS })
    if (status === 0) continue
    rmSync(draft, { recursive: true, force: true })
    return error?.message ?? stderr
  }
  // Another test file may have been faster; its environment serves as well.
  if (existsSync(venv)) rmSync(draft, { recursive: true, force: true })
  else renameSync(draft, venv)
  return null
}
