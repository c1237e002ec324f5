import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'

const SYSTEM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const SHELL_PATH = '/usr/bin/chromium-headless-shell'

/**
 * Finds a Chromium as people use it: `CHROME_PATH`, the system's, one installed with apt-get (as root on Debian),
 * otherwise Playwright's own download.
 *
 * @returns the executable's path, or null to let Playwright use its own
 * @throws when none is available
 */
export function ensureChromium(): string | null {
  const found = findConfigured() ?? SYSTEM_PATHS.find((candidate) => existsSync(candidate))
  if (found !== undefined) return found
  if (installWithApt('chromium') && existsSync('/usr/bin/chromium')) return '/usr/bin/chromium'
  console.log('… installing Chromium with Playwright')
  if (run('npx', ['playwright', 'install', 'chromium'])) return null
  throw new Error('No Chromium found. Set CHROME_PATH to one.')
}

/**
 * Finds a Chromium without a window, which draws the same pages with half of the processor time: `CHROME_PATH`,
 * Debian's, installed with apt-get if need be, otherwise what {@link ensureChromium} finds.
 *
 * @returns the executable's path, or null to let Playwright use its own
 * @throws when none is available
 */
export function ensureHeadlessChromium(): string | null {
  const found = findConfigured()
  if (found !== undefined) return found
  if (existsSync(SHELL_PATH)) return SHELL_PATH
  return installWithApt('chromium-headless-shell') && existsSync(SHELL_PATH) ? SHELL_PATH : ensureChromium()
}

function findConfigured(): string | undefined {
  const configured = process.env.CHROME_PATH
  if (!configured) return undefined
  accessSync(configured, constants.X_OK)
  return configured
}

/** Only as root on Debian. @returns whether apt-get has installed it */
function installWithApt(name: string): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  console.log(`… installing ${name} with apt-get`)
  return run('apt-get', ['update', '-qq']) && run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name])
}

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}
