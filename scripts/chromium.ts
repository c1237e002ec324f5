import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'

const SHELL_PATH = '/usr/bin/chromium-headless-shell'
const SYSTEM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** A machine without a network must not wait for minutes. */
const APT_ARGS = ['-qq', '-o', 'Acquire::http::Timeout=10', '-o', 'Acquire::Retries=0']

/**
 * Finds a Chromium: `CHROME_PATH`, the system's, one installed with apt-get (as root on Debian), otherwise Playwright's
 * own download.
 *
 * @returns the executable's path, or null to let Playwright use its own
 * @throws when none is available
 */
export function ensureChromium(): string | null {
  return findConfigured() ?? findSystem() ?? installWithApt('chromium', '/usr/bin/chromium') ?? installOwn([])
}

/**
 * Like {@link ensureChromium}, but prefers the headless shell: the same engine without the windows around it, with which
 * a test takes a third less of the processor.
 */
export function ensureHeadlessChromium(): string | null {
  return (
    findConfigured() ??
    (existsSync(SHELL_PATH) ? SHELL_PATH : null) ??
    installWithApt('chromium-headless-shell', SHELL_PATH) ??
    findSystem() ??
    installOwn(['--only-shell'])
  )
}

function findConfigured(): string | null {
  const configured = process.env.CHROME_PATH
  if (!configured) return null
  accessSync(configured, constants.X_OK)
  return configured
}

function findSystem(): string | null {
  return SYSTEM_PATHS.find((candidate) => existsSync(candidate)) ?? null
}

/** @returns null where that is not possible: for other users than root, and on other systems than Debian */
function installWithApt(name: string, executable: string): string | null {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return null
  console.log(`… installing ${name} with apt-get`)
  const isInstalled =
    run('apt-get', ['update', ...APT_ARGS]) &&
    run('apt-get', ['install', '-y', ...APT_ARGS, '--no-install-recommends', name])
  return isInstalled && existsSync(executable) ? executable : null
}

function installOwn(options: readonly string[]): null {
  console.log('… installing Chromium with Playwright')
  if (run('npx', ['playwright', 'install', 'chromium', ...options])) return null
  throw new Error('No Chromium found. Set CHROME_PATH to one.')
}

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

if (import.meta.main) ensureHeadlessChromium()
