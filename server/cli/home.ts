import 'server-only'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { ConfigError, readEarlySettings } from '@/server/config/config'
import { readMetadataLocations } from '@/server/db/catalog/table-rows'
import { openSqlite } from '@/server/db/sqlite/open'
import {
  type HomeLocation,
  isMoved,
  homeLocationAt,
  readHomeLocation,
  writeHomeLocation,
} from '@/server/config/home-location'
import { createLog } from '@/server/log'
import { requireLocalPath, rootLength } from '@/server/locations/location-gate'
import { readArguments, type Terminal, UsageError, type Verb } from './verb'

export const homeVerb: Verb = {
  summary: 'shows where the home is, or adopts its new location: show, follow',
  help: `Use: lakeshore home show
     lakeshore home follow [--yes]

Tables name their files by absolute locations, so Lakeshore does not start on a home that was moved. follow maps the
locations in the metadata to the folder where the home is now. It first shows what it will do and asks for
confirmation, unless --yes is given. No file of a table is changed.`,
  async run(args, terminal) {
    const { values, positionals } = readArguments(args, { yes: { type: 'boolean', default: false } })
    const [action, extra] = positionals
    if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
    switch (action) {
      case 'show':
        showHome(terminal)
        return 0
      case 'follow':
        return (await followHome(terminal, values.yes)) ? 0 : 1
      case undefined:
        throw new UsageError('no action given: use show or follow')
      default:
        throw new UsageError(`unknown action "${action}": use show or follow`)
    }
  },
}

function showHome(terminal: Terminal): void {
  const { homeDir, known } = requireKnownHome()
  terminal.print(`home\t${homeDir}`)
  terminal.print(`last used at\t${known.home}`)
  terminal.print(`tables name files below\t${known.warehouse}`)
  terminal.print(`files are below\t${homeLocationAt(homeDir).warehouse}`)
}

/** @returns whether the home is usable now: it was followed, or there was nothing to do */
async function followHome(terminal: Terminal, isConfirmed: boolean): Promise<boolean> {
  const { homeDir, known } = requireKnownHome()
  if (!isMoved(known, homeDir)) {
    terminal.printMessage(`The home ${homeDir} has not moved: there is nothing to follow.`)
    return true
  }
  const from = requireLocalPath(known.warehouse, [known.warehouse])
  const to = path.join(homeDir, 'warehouse')
  const locations = await readOwnMetadataLocations(homeDir, known)
  if (locations.length === 0) {
    writeHomeLocation(homeDir, homeLocationAt(homeDir))
    terminal.printMessage(`No table names a file below ${from}: the home is now at ${homeDir}.`)
    return true
  }
  const files = locations.map((location) =>
    path.join(to, path.relative(from, requireLocalPath(location, [known.warehouse]))),
  )
  const missing = files.filter((file) => !existsSync(file))
  if (missing.length === files.length) {
    throw new AppError(
      'file-missing',
      `None of the ${files.length} tables and views has its metadata below ${to}. Move the folder ${from} there first. ` +
        'Nothing was changed.',
      { facts: { first: missing[0] ?? null } },
    )
  }
  terminal.printMessage(planText({ homeDir, known, from, to, tableCount: files.length, missing }))
  if (!isConfirmed && (await terminal.prompt('Type yes to follow: ')) !== 'yes') {
    terminal.printMessage('Nothing was changed.')
    return false
  }
  writeHomeLocation(homeDir, { home: homeDir, warehouse: known.warehouse })
  terminal.printMessage(`Done: Lakeshore now looks for files that tables name below ${from} in ${to}.`)
  return true
}

type Plan = { homeDir: string; known: HomeLocation; from: string; to: string; tableCount: number; missing: string[] }

function planText({ homeDir, known, from, to, tableCount, missing }: Plan): string {
  return [
    `The home was at ${known.home} and is at ${homeDir} now. Lakeshore will`,
    `  read and write files named below ${from} in ${to}: ${formatQuantity(tableCount, 'table or view', 'tables and views')};`,
    `  name the files of new tables below ${from} too, so that no file ever has two names;`,
    `  record this in ${path.join(homeDir, 'home.json')}, and change no file of a table.`,
    `Programs that open the files directly (PyIceberg, Spark, DuckDB) still look below ${from}: they need a`,
    `link there (ln -s ${homeDir} ${path.dirname(from)}).`,
    ...(missing.length > 0
      ? [
          `The metadata of ${formatQuantity(missing.length, 'table or view', 'tables and views')} is missing (first file: ${missing[0]}).`,
        ]
      : []),
    ...(existsSync(known.home) ? [`${known.home} still exists; Lakeshore will not touch it.`] : []),
  ].join('\n')
}

/** The metadata locations of tables and views that are in the warehouse, as the metadata names them. */
async function readOwnMetadataLocations(homeDir: string, { warehouse }: HomeLocation): Promise<string[]> {
  const database = openSqlite(databasePath(homeDir), createLog('warn'))
  try {
    const locations = await readMetadataLocations(database)
    return locations.filter((location) => rootLength(location, [warehouse]) !== null)
  } finally {
    await database.close()
  }
}

/** @throws {ConfigError} when Lakeshore has never used this home */
function requireKnownHome(): { homeDir: string; known: HomeLocation } {
  const { homeDir, hasOwnWarehouse } = readEarlySettings()
  if (!hasOwnWarehouse) {
    throw new ConfigError(
      'LAKESHORE_WAREHOUSE sets where the tables are, so the home can be moved without this command.',
    )
  }
  const known = readHomeLocation(homeDir)
  if (known === null)
    throw new ConfigError(`${homeDir} is not a home that Lakeshore has used. Name one with LAKESHORE_HOME.`)
  if (!existsSync(databasePath(homeDir))) {
    throw new ConfigError(
      `${databasePath(homeDir)} is missing: move the whole folder ${known.home}. Nothing was changed.`,
    )
  }
  return { homeDir, known }
}

function databasePath(homeDir: string): string {
  return path.join(homeDir, 'lakeshore.db')
}
