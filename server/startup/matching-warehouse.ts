import 'server-only'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'
import { createFolder } from '@/server/create-folder'
import { hasErrorCode } from '@/server/error-code'
import { type Dirent, existsSync, opendirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '@/server/config/config'
import { ConfigError, explainFolderErrors } from '@/server/config/config-error'
import { readMetadataLocations } from '@/server/db/catalog/table-rows'
import type { Database } from '@/server/db/database'
import { isUnused } from '@/server/db/health'
import type { Services } from '@/server/services'
import { rootLength } from '@/server/locations/location-gate'

/** How many files and folders are examined in a warehouse that a new database finds. */
const MAX_ENTRIES = 20_000
const MAX_DEPTH = 32
const ACCEPTANCE_FILE = '.accepted-without-tables'

/**
 * Checks at each start of a process whether the database and the warehouse belong together. Otherwise a lost database
 * would be created again next to its tables, and an unmounted disk would look like an empty warehouse. Only checks a
 * warehouse on this machine.
 *
 * @throws {ConfigError} naming the missing part, with advice
 */
export async function requireMatchingWarehouse(
  services: Pick<Services, 'config' | 'database' | 'stores'>,
): Promise<void> {
  const { warehouse, storage } = services.config
  if (storage.kind !== 'local') return
  const folder = services.stores.localPath(warehouse)
  if (await isDatabaseUnused(services))
    explainFolderErrors('LAKESHORE_WAREHOUSE', folder, () => requireNoTablesInWarehouse(services.config, folder))
  else if (explainFolderErrors('LAKESHORE_WAREHOUSE', folder, () => isEmptyOrMissing(folder)))
    await requireNoTablesInDatabase(services, folder)
}

/** Makes `requireMatchingWarehouse` accept the database and the warehouse as they are, at an operator's request. */
export async function acceptWarehouse(services: Pick<Services, 'config' | 'database' | 'stores'>): Promise<void> {
  const { warehouse, storage } = services.config
  if (storage.kind !== 'local' || (await isDatabaseUnused(services))) return
  const folder = services.stores.localPath(warehouse)
  if (!isEmptyOrMissing(folder) || (await readLocationsIn(services.database, warehouse)).length === 0) return
  explainFolderErrors('LAKESHORE_WAREHOUSE', folder, () => {
    createFolder(folder)
    const text = `An operator ran "${lakeshoreCommands.acceptWarehouse()}": the files of the tables are gone for good.\n`
    writeFileSync(path.join(folder, ACCEPTANCE_FILE), text)
  })
}

/** A file that is missing or empty is not opened, because that would create the database. */
async function isDatabaseUnused(services: Pick<Services, 'config' | 'database'>): Promise<boolean> {
  const { databaseFile, postgres } = services.config
  if (!postgres && (statSync(databaseFile, { throwIfNoEntry: false })?.size ?? 0) === 0) return true
  return isUnused(services.database)
}

function requireNoTablesInWarehouse(config: Config, folder: string): void {
  const { homeDir, databaseFile, postgres } = config
  const found = describeFoundMetadata(folder)
  if (found === null) return
  const database = postgres ? 'the database of LAKESHORE_DATABASE_URL' : databaseFile
  throw new ConfigError(
    [
      `The warehouse ${folder} has tables already, but ${database} is missing or empty: it knows none of them.`,
      `${found} Nothing was started and nothing was changed. Do one of these:`,
      '  put the database back, if it was lost:',
      `      ${lakeshoreCommands.restore(homeDir)}`,
      '  use the database that knows them, if the settings name another one (LAKESHORE_HOME, LAKESHORE_DATABASE_URL);',
      '  start with an empty catalog next to these files, if you intend to; their tables can be registered later:',
      `      ${lakeshoreCommands.acceptWarehouse()}`,
    ].join('\n'),
  )
}

async function requireNoTablesInDatabase(
  services: Pick<Services, 'config' | 'database'>,
  folder: string,
): Promise<void> {
  const locations = await readLocationsIn(services.database, services.config.warehouse)
  if (locations.length === 0) return
  throw new ConfigError(
    [
      `The database has ${locations.length} tables and views in the warehouse ${folder}, but that folder is ${existsSync(folder) ? 'empty' : 'missing'}.`,
      'Nothing was started and nothing was changed. Do one of these:',
      '  mount its disk, or put the folder back from a backup;',
      '  set LAKESHORE_WAREHOUSE to where the folder is, if it has always been somewhere else;',
      '  continue without the files, if they are gone for good:',
      `      ${lakeshoreCommands.acceptWarehouse()}`,
    ].join('\n'),
  )
}

async function readLocationsIn(database: Database, warehouse: string): Promise<string[]> {
  const locations = await readMetadataLocations(database)
  return locations.filter((location) => rootLength(location, [warehouse]) !== null)
}

function isEmptyOrMissing(folder: string): boolean {
  if (!existsSync(folder)) return true
  const entries = opendirSync(folder)
  try {
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      // The only folder in a new file system.
      if (entry.name !== 'lost+found') return false
    }
    return true
  } finally {
    entries.closeSync()
  }
}

/** @returns a sentence about the table that was found, or about folders that were not examined; null without a table */
function describeFoundMetadata(folder: string): string | null {
  if (!existsSync(folder)) return null
  let entryCount = 0
  let level = [folder]
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const next: string[] = []
    for (const parent of level) {
      for (const entry of readEntries(parent)) {
        entryCount += 1
        const entryPath = path.join(parent, entry.name)
        if (isMetadataFile(parent, entry.name)) return `The first one that was found is ${entryPath}.`
        if (entryCount > MAX_ENTRIES)
          return `It holds more than ${MAX_ENTRIES} files and folders, and only that many were examined.`
        if (entry.isDirectory()) next.push(entryPath)
      }
    }
    level = next
  }
  return level.length === 0
    ? null
    : `It holds folders more than ${MAX_DEPTH} deep, such as ${level[0]}, and deeper ones were not examined.`
}

/** Empty for a folder that was removed in the meantime or that this user cannot read (`lost+found`). */
function readEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (hasErrorCode(error, 'EACCES', 'EPERM', 'ENOENT')) return []
    throw error
  }
}

function isMetadataFile(parent: string, name: string): boolean {
  return path.basename(parent) === 'metadata' && /\.metadata\.json(\.gz)?$|\.gz\.metadata\.json$/.test(name)
}
