import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'

const VERSION = '0.12.0'
const VENV = path.resolve(`.cache/pyiceberg-${VERSION}`)
// The core is what computes partition values when it appends.
const PACKAGES = [`pyiceberg[sql-sqlite]==${VERSION}`, 'pyiceberg-core==0.10.1', 'pyarrow==26.0.1', 'SQLAlchemy==2.1.9']

/**
 * A Python that has PyIceberg, in a virtual environment of this folder's own, made on first use (about a minute). A
 * test skips with a message where there is no Python or no package index.
 *
 * @returns the interpreter, or null where it cannot be had
 * @throws with `CI=true` instead of giving null: there, a skipped proof is a failure
 */
export function pythonWithPyiceberg(): string | null {
  const python = path.join(VENV, 'bin', 'python')
  if (existsSync(python)) return python
  console.log(`… installing PyIceberg ${VERSION} with pip`)
  const problem = install()
  if (problem === null) return python
  if (process.env.CI === 'true') throw new Error(`PyIceberg could not be installed: ${problem}`)
  console.warn(`PyIceberg could not be installed, so what it proves is skipped: ${problem}`)
  return null
}

/** What kept it from being installed, or null. */
function install(): string | null {
  const draft = `${VENV}.${process.pid}`
  mkdirSync(path.dirname(VENV), { recursive: true })
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', draft]],
    [
      path.join(draft, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES],
    ],
  ]
  for (const [command, args] of steps) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000 })
    if (status === 0) continue
    rmSync(draft, { recursive: true, force: true })
    return error?.message ?? stderr
  }
  // Another test file may have been faster; its environment serves as well.
  if (existsSync(VENV)) rmSync(draft, { recursive: true, force: true })
  else renameSync(draft, VENV)
  return null
}
