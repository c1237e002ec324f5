import 'server-only'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'
import { hasErrorCode } from '@/server/error-code'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { ConfigError } from './config-error'

/**
 * Where a home was last used, stored in its file `home.json`. Iceberg metadata names every file by its absolute
 * location, so after a home was moved its tables name files that do not exist. Such a home is refused until its folder
 * is moved back, or an operator lets Lakeshore follow it (`lakeshore home follow`): its tables keep their locations,
 * and Lakeshore looks for them in the new folder.
 */
export type HomeLocation = {
  /** The absolute path of the folder. */
  home: string
  /** The location by which its tables name its warehouse: that of the folder in which the home was created. */
  warehouse: string
}

const homeLocationSchema = z.object({ home: z.string().startsWith('/'), warehouse: z.string().startsWith('file:///') })

export function homeLocationFile(homeDir: string): string {
  return path.join(homeDir, 'home.json')
}

/** The location record of a home that is used where it was created. */
export function homeLocationAt(homeDir: string): HomeLocation {
  return { home: homeDir, warehouse: `file://${path.join(homeDir, 'warehouse')}` }
}

/**
 * @returns null before the first start
 * @throws {ConfigError} when the file is damaged
 */
export function readHomeLocation(homeDir: string): HomeLocation | null {
  const file = homeLocationFile(homeDir)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null
    throw error
  }
  const location = homeLocationSchema.safeParse(parseJson(text))
  if (location.success) return location.data
  throw new ConfigError(
    `${file} is damaged. It records where this home was last used. Nothing was changed. ` +
      'If the home was never moved, remove the file. Otherwise restore a copy of it.',
  )
}

/** Writes atomically: after a power cut either the old or the new file exists. */
export function writeHomeLocation(homeDir: string, location: HomeLocation): void {
  const file = homeLocationFile(homeDir)
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    writeFileSync(draft, `${JSON.stringify(location, null, 2)}\n`, { mode: 0o600, flush: true })
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
  const folder = openSync(homeDir, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/**
 * The location record of a home that is now used at `homeDir`, stored for the next start.
 *
 * @throws {ConfigError} when the home was moved
 */
export function settleHomeLocation(homeDir: string): HomeLocation {
  const stored = readHomeLocation(homeDir)
  if (stored !== null && !isMoved(stored, homeDir)) return stored
  const current = homeLocationAt(homeDir)
  // A home that was moved back to where its tables were created is in its original folder again.
  if (stored !== null && stored.warehouse !== current.warehouse) throw new ConfigError(describeMove(stored, homeDir))
  writeHomeLocation(homeDir, current)
  return current
}

/** Whether the home is now in another folder than when it was last used. One folder can have several paths. */
export function isMoved({ home }: HomeLocation, homeDir: string): boolean {
  if (home === homeDir) return false
  try {
    return realpathSync(home) !== realpathSync(homeDir)
  } catch {
    return true // the folder no longer exists
  }
}

/**
 * A warning if the tables of a home name their files in another home, as after a copy was restored next to its original:
 * engines open files by these locations. Null if that folder is not there, or leads to this home.
 */
export function describeOtherHome(config: {
  homeDir: string
  warehouse: string
  warehouseMappings: readonly unknown[]
}): string | null {
  const { homeDir, warehouse, warehouseMappings } = config
  if (warehouseMappings.length === 0) return null
  const otherHome = path.dirname(warehouse.slice('file://'.length))
  if (!existsSync(homeLocationFile(otherHome)) || realpathSync(otherHome) === realpathSync(homeDir)) return null
  return (
    `Tables of this home name their files below ${warehouse}, and ${otherHome} is another home. Lakeshore uses the files ` +
    `in ${homeDir}. Engines that open files by their locations would read and write those of the other home, so do not ` +
    'connect engines to this one while that folder exists.'
  )
}

function describeMove({ home, warehouse }: HomeLocation, homeDir: string): string {
  return [
    `This home was at ${home} when it was last used, and is at ${homeDir} now. Its tables name their files below`,
    `${warehouse}, so nothing was started and nothing was changed. Do one of these:`,
    `  put it back:      mv ${homeDir} ${home}`,
    `  leave a link:     ln -s ${homeDir} ${home}`,
    `  let Lakeshore follow the home (it first shows what it will do):`,
    `                    ${lakeshoreCommands.followHome(homeDir)}`,
  ].join('\n')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
