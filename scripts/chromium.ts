import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'

const SYSTEM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * Finds a Chromium: `CHROME_PATH`, the system's, one installed with apt-get (as root on Debian), otherwise Playwright's
 * own download.
 *
 * @returns the executable's path, or null to let Playwright use its own
 * @throws when none is available
 */
export function ensureChromium(): string | null {
  const configured = process.env.CHROME_PATH
  if (configured) {
    accessSync(configured, constants.X_OK)
    return configured
  }
  const found = SYSTEM_PATHS.find((candidate) => existsSync(candidate))
  if (found) return found
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('… installing Chromium with apt-get')
    const isInstalled =
      run('apt-get', ['update', '-qq']) &&
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
    if (isInstalled && existsSync('/usr/bin/chromium')) return '/usr/bin/chromium'
  }
  console.log('… installing Chromium with Playwright')
  if (run('npx', ['playwright', 'install', 'chromium'])) return null
  throw new Error('No Chromium found. Set CHROME_PATH to one.')
}

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}
