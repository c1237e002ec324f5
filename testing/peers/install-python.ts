import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'

const INSTALL_TIMEOUT_MS = 600_000

/** Packages that are installed together, each pinned: `name==version`. */
export type PythonPackages = { name: string; version: string; packages: readonly string[] }

/**
 * Creates a virtual environment with these packages below this folder, on first use. Tests are skipped with a warning
 * without Python or a package index.
 *
 * @returns the interpreter, or null when it is unavailable
 * @throws with `CI=true` instead of returning null, because a skipped test is a failure there
 */
export function installPython({ name, version, packages }: PythonPackages): string | null {
  const venv = path.resolve(`.cache/${name.toLowerCase()}-${version}`)
  const python = path.join(venv, 'bin', 'python')
  if (existsSync(python)) return python
  console.log(`… installing ${name} ${version} with pip`)
  const problem = installPackages(venv, packages)
  if (problem === null) return python
  if (process.env.CI === 'true') throw new Error(`${name} could not be installed: ${problem}`)
  console.warn(`${name} could not be installed, so the tests that need it are skipped: ${problem}`)
  return null
}

/** @returns why the installation failed, or null */
function installPackages(venv: string, packages: readonly string[]): string | null {
  const draft = `${venv}.${process.pid}`
  mkdirSync(path.dirname(venv), { recursive: true })
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', draft]],
    [
      path.join(draft, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', ...packages],
    ],
  ]
  for (const [command, args] of steps) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_TIMEOUT_MS })
    if (status === 0) continue
    rmSync(draft, { recursive: true, force: true })
    return error?.message ?? stderr
  }
  // Another test file may have been faster; its environment is as good.
  if (existsSync(venv)) rmSync(draft, { recursive: true, force: true })
  else renameSync(draft, venv)
  return null
}
