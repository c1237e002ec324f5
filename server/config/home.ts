import 'server-only'
import { hasErrorCode } from '@/server/error-code'
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { explainFolderErrors } from './config-error'

/** What a home keeps besides its database and warehouse: the name of its catalog and secrets of its own. */
export type Home = { catalogName: string; secret: string; sealingKey: string }

const DEFAULT_CATALOG_NAME = 'local'

/**
 * Makes a home where there is none. What it was first made with stays: several processes may come at once and all
 * read what the first one wrote.
 *
 * @throws {ConfigError} when the folder cannot be made, read or written
 */
export function settleHome(
  homeDir: string,
  settings: { catalogName?: string | undefined; secret?: string | undefined; sealingKey?: string | undefined },
): Home {
  return explainFolderErrors('LAKESHORE_HOME', homeDir, () => {
    requireWritable(homeDir)
    mkdirSync(path.join(homeDir, 'secrets'), { recursive: true, mode: 0o700 })
    return {
      catalogName: readOrCreateFile(
        path.join(homeDir, 'catalog-name'),
        () => settings.catalogName ?? DEFAULT_CATALOG_NAME,
      ),
      secret: settings.secret ?? readOrCreateFile(path.join(homeDir, 'secrets', 'secret'), generateSecret),
      sealingKey: settings.sealingKey ?? readOrCreateFile(path.join(homeDir, 'secrets', 'sealing-key'), generateSecret),
    }
  })
}

/**
 * What is there already could be read, and nothing be written: better said now than by the first request. Of a home that
 * is still to be made this looks at the folder that is to hold it.
 */
function requireWritable(homeDir: string): void {
  let folder = homeDir
  while (!existsSync(folder)) folder = path.dirname(folder)
  accessSync(folder, constants.W_OK)
  const databaseFile = path.join(homeDir, 'lakeshore.db')
  if (existsSync(databaseFile)) accessSync(databaseFile, constants.R_OK | constants.W_OK)
}

function generateSecret(): string {
  return randomBytes(48).toString('base64url')
}

/** The text of a file that is written once, for its owner only, and appears whole or not at all. */
function readOrCreateFile(file: string, createText: () => string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error
  }
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${createText()}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error // another process was first: its text holds
  } finally {
    rmSync(draft)
  }
  return readFileSync(file, 'utf8').trim()
}
