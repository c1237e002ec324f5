import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { ConfigError } from './config-error'

/**
 * Where a home was last used, kept in its file `home.json`. Metadata of Iceberg names every file by its whole location,
 * so a home that is put elsewhere has tables that name files where none are. Such a home is refused until its folder is
 * back or somebody lets Lakeshore follow it (`lakeshore home follow`): its tables keep their locations, and Lakeshore
 * looks for them where the home is now.
 */
export type HomeLocation = {
  /** The folder, absolute. */
  home: string
  /** The location by which its tables name the warehouse in it: that of the folder it was made in. */
  warehouse: string
}

const homeLocationSchema = z.object({ home: z.string().startsWith('/'), warehouse: z.string().startsWith('file:///') })

export function homeLocationFile(homeDir: string): string {
  return path.join(homeDir, 'home.json')
}

/** The place of a home that is used where it was made. */
export function homeLocationAt(homeDir: string): HomeLocation {
  return { home: homeDir, warehouse: `file://${path.join(homeDir, 'warehouse')}` }
}

/**
 * @returns null where none is kept yet
 * @throws {ConfigError} for a file that is damaged
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
    `${file} is damaged: it says where this home was last used. Nothing was changed. ` +
      'Remove the file if the home was never moved, else put back a copy of it.',
  )
}

/** In one step: after a power cut the old file is there or the new one. */
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
 * The place of a home that is used at `homeDir` now, kept for the next start.
 *
 * @throws {ConfigError} when the home was moved
 */
export function settleHomeLocation(homeDir: string): HomeLocation {
  const stored = readHomeLocation(homeDir)
  if (stored !== null && !isMoved(stored, homeDir)) return stored
  const current = homeLocationAt(homeDir)
  // A home that is back where its tables were made is in its place again.
  if (stored !== null && stored.warehouse !== current.warehouse) throw new ConfigError(describeMove(stored, homeDir))
  writeHomeLocation(homeDir, current)
  return current
}

/** Whether the home is another folder than the one it was last used as; one folder may have several paths. */
export function isMoved({ home }: HomeLocation, homeDir: string): boolean {
  if (home === homeDir) return false
  try {
    return realpathSync(home) !== realpathSync(homeDir)
  } catch {
    return true // nothing is there any more
  }
}

function describeMove({ home, warehouse }: HomeLocation, homeDir: string): string {
  return [
    `This home was at ${home} when it was last used, and is at ${homeDir} now. Its tables name their files below`,
    `${warehouse}, so nothing was started and nothing was changed. Do one of these:`,
    `  put it back:      mv ${homeDir} ${home}`,
    `  leave a link:     ln -s ${homeDir} ${home}`,
    `  let Lakeshore follow, which first shows what it will do:`,
    `                    LAKESHORE_HOME=${homeDir} npm run lakeshore -- home follow`,
  ].join('\n')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
