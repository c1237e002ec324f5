import 'server-only'
import { existsSync, readdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { ConfigError, explainFolderErrors } from '@/server/config/config-error'
import { createFolder } from '@/server/create-folder'
import { requireKnownMigrations } from '@/server/db/known-migrations'
import { writeHomeLocation } from '@/server/config/home-location'
import { type BackedUpFile, type BackupManifest, DATABASE_FILE, describeFile, readManifest } from './backup-manifest'
import { copyPrivately, syncToDisk } from './durable-files'

/** Entries that may exist in the folder of a home before a restore: the warehouse may be copied first. */
const ALLOWED_ENTRIES: ReadonlySet<string> = new Set(['warehouse', 'lost+found'])

/**
 * Restores a home from a backup. The database file gets its name last, so that an interrupted restore leaves no home
 * that could be started. Tables keep the locations by which they name their files; Lakeshore looks for the files in the
 * new home.
 *
 * @throws {ConfigError} when the home already exists {AppError} file-missing, file-damaged, database-unavailable for a
 *   backup of a newer version
 */
export async function restoreHome(folder: string, homeDir: string): Promise<BackupManifest> {
  const manifest = readManifest(folder)
  requireKnownMigrations(new Set(manifest.migrations))
  requireNewHome(homeDir)
  for (const file of manifest.files) await requireIntact(folder, file)
  if (!manifest.files.some((file) => file.path === DATABASE_FILE))
    throw new AppError('file-missing', `The backup ${folder} has no database. Nothing was changed.`)
  explainFolderErrors('--home', homeDir, () => {
    createFolder(homeDir, { mode: 0o700 })
    for (const file of manifest.files) {
      const isDatabase = file.path === DATABASE_FILE
      copyPrivately(path.join(folder, file.path), path.join(homeDir, isDatabase ? draftName(file.path) : file.path))
    }
    if (manifest.warehouse.isInHome)
      writeHomeLocation(homeDir, { home: homeDir, warehouse: manifest.warehouse.location })
    renameSync(path.join(homeDir, draftName(DATABASE_FILE)), path.join(homeDir, DATABASE_FILE))
    syncToDisk(homeDir)
  })
  return manifest
}

function draftName(file: string): string {
  return `${file}.restoring`
}

function requireNewHome(homeDir: string): void {
  const stats = statSync(homeDir, { throwIfNoEntry: false })
  if (!stats) return
  if (!stats.isDirectory())
    throw new ConfigError(`${homeDir} is not a folder. Nothing was changed. Choose another home.`)
  const found = readdirSync(homeDir).find((name) => !ALLOWED_ENTRIES.has(name))
  if (found === undefined) return
  throw new ConfigError(
    `${homeDir} is already a home, or another folder that is in use: it contains ${found}. Nothing was changed. ` +
      'Stop Lakeshore and move that folder away, or restore into another one with --home.',
  )
}

async function requireIntact(folder: string, expected: BackedUpFile): Promise<void> {
  const file = path.join(folder, expected.path)
  if (!existsSync(file)) throw new AppError('file-missing', `${file} is missing in the backup. Nothing was changed.`)
  const found = await describeFile(folder, expected.path)
  if (found.sizeBytes === expected.sizeBytes && found.sha256 === expected.sha256) return
  throw new AppError(
    'file-damaged',
    `${file} differs from what was backed up: it has ${found.sizeBytes} bytes with SHA-256 ${found.sha256}, and had ${expected.sizeBytes} with ${expected.sha256}. Nothing was changed. Use another backup.`,
  )
}
