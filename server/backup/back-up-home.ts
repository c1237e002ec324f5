import 'server-only'
import { existsSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { version } from '@/package.json'
import { ConfigError, explainFolderErrors } from '@/server/config/config-error'
import { createFolder } from '@/server/create-folder'
import { backUpDatabase } from '@/server/db/sqlite/online-backup'
import { homeLocationAt, readHomeLocation } from '@/server/config/home-location'
import { clock } from '@/server/timing/clock'
import { type BackupManifest, DATABASE_FILE, describeFile, MANIFEST_FILE, manifestText } from './backup-manifest'
import { copyPrivately, syncToDisk } from './durable-files'

/** Copied in addition to the database and the secrets. `home.json` is left out because it records where a home is. */
const STATE_FILES = ['catalog-name', 'demo-lake']

/**
 * Copies a home without its warehouse into a new folder while Lakeshore runs. The folder counts as a backup once it has
 * its manifest; after a failure the folder is empty.
 *
 * @param warehouse its location when it is outside the home; null: in the home
 * @throws {ConfigError} when the folder is not usable {AppError} not-found, database-damaged, storage-full
 */
export async function backUpHome(
  homeDir: string,
  folder: string,
  { warehouse }: { warehouse: string | null },
): Promise<BackupManifest> {
  const database = path.join(homeDir, DATABASE_FILE)
  if (!existsSync(database)) {
    throw new AppError('not-found', `There is no database ${database}. Set LAKESHORE_HOME to the home.`)
  }
  requireNewFolder(folder)
  explainFolderErrors('--to', folder, () => createFolder(folder, { mode: 0o700 }))
  try {
    requireOutsideWarehouse(folder, warehouse ?? homeLocationAt(homeDir).warehouse)
    const databaseBackup = await backUpDatabase(database, path.join(folder, DATABASE_FILE))
    syncToDisk(path.join(folder, DATABASE_FILE))
    const copied = [...STATE_FILES, ...listSecrets(homeDir)].filter((file) => existsSync(path.join(homeDir, file)))
    for (const file of copied) copyPrivately(path.join(homeDir, file), path.join(folder, file))
    const files = []
    for (const file of [DATABASE_FILE, ...copied]) files.push(await describeFile(folder, file))
    const location = warehouse ?? (readHomeLocation(homeDir) ?? homeLocationAt(homeDir)).warehouse
    const manifest = {
      version,
      takenAt: new Date(clock.nowMs()).toISOString(),
      ...databaseBackup,
      warehouse: { location, isInHome: warehouse === null },
      files,
    }
    const manifestFile = path.join(folder, MANIFEST_FILE)
    writeFileSync(manifestFile, manifestText(manifest), { mode: 0o600, flush: true })
    syncToDisk(folder)
    return { format: 1, ...manifest }
  } catch (error) {
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true })
    throw error
  }
}

function requireNewFolder(folder: string): void {
  const stats = statSync(folder, { throwIfNoEntry: false })
  if (!stats || (stats.isDirectory() && readdirSync(folder).length === 0)) return
  throw new ConfigError(
    `${folder} exists and is ${stats.isDirectory() ? 'not empty' : 'not a folder'}. Nothing was backed up. Choose a new folder.`,
  )
}

/** Users who may name a location in the warehouse can read it, and a backup contains the secrets. */
function requireOutsideWarehouse(folder: string, warehouse: string): void {
  const root = warehouse.startsWith('file://') ? warehouse.slice('file://'.length) : null
  if (root === null || !existsSync(root)) return
  const inside = path.relative(realpathSync(root), realpathSync(folder))
  if (inside.startsWith('..') || path.isAbsolute(inside)) return
  throw new ConfigError(
    `${folder} is in the warehouse ${root}, whose files engines may read, and a backup contains secrets. Nothing was backed up. Choose a folder outside the warehouse.`,
  )
}

function listSecrets(homeDir: string): string[] {
  const folder = path.join(homeDir, 'secrets')
  if (!existsSync(folder)) return []
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map(({ name }) => path.join('secrets', name))
}
