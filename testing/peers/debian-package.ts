import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { runToEnd } from '../processes/run-to-end.ts'

const INSTALL_TIMEOUT_MS = 600_000

/**
 * Unpacks a package of Debian into a private folder, on first use. It changes nothing else on the machine.
 *
 * @returns the folder
 * @throws when it is not available
 */
export async function unpackDebianPackage(name: string): Promise<string> {
  const folder = path.resolve('.cache', name)
  if (existsSync(folder)) return folder
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  try {
    const runOptions = { timeoutMs: INSTALL_TIMEOUT_MS, cwd: draft }
    await runToEnd('sh', ['-c', `apt-get download ${name} && dpkg -x ${name}_*.deb .`], runOptions)
    // Another process may have been faster; its folder is as good.
    if (!existsSync(folder)) renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return folder
}
