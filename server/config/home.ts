import 'server-only'
import { createFolder } from '@/server/create-folder'
import { hasErrorCode } from '@/server/error-code'
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { explainFolderErrors } from './config-error'

/** The name of a home's catalog, and the home's own secrets. */
export type Home = { catalogName: string; secret: string; sealingKey: string }

const DEFAULT_CATALOG_NAME = 'local'

/**
 * Creates a home if there is none. Its first values stay: several processes may start at once, and all of them use what
 * the first one wrote.
 *
 * @throws {ConfigError} when the folder cannot be created, read or written
 */
export function settleHome(
  homeDir: string,
  settings: { catalogName?: string | undefined; secret?: string | undefined; sealingKey?: string | undefined },
): Home {
  return explainFolderErrors('LAKESHORE_HOME', homeDir, () => {
    requireWritable(homeDir)
    createFolder(path.join(homeDir, 'secrets'), { mode: 0o700 })
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
 * Existing files may be readable although nothing can be written. Better to report that now than at the first request.
 * For a home that does not exist yet, this checks its parent folder.
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

/** The text of a file that is written once, for its owner only, and appears complete or not at all. */
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
    if (!hasErrorCode(error, 'EEXIST')) throw error // another process was first, so its text is used
  } finally {
    rmSync(draft)
  }
  return readFileSync(file, 'utf8').trim()
}
