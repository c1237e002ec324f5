import 'server-only'
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { CATALOG_NAME_PATTERN, LOAD_LOCATION_PATTERN } from '@/lib/contract/shapes/plain-values'
import { parseLocation, rootLength } from '@/server/locations/location-gate'
import type { S3Access, StorageAccess } from '@/server/locations/storage-access'
import { ConfigError } from './config-error'

/** A folder or a prefix that the operator allows loads to read files from. Nothing is ever written there. */
export type LoadLocation = {
  name: string
  /** `file:///…`, `s3://…`, `gs://…` or `abfss://…`, without a trailing slash. */
  location: string
} & (
  | { connection: null; access: StorageAccess }
  /** The connection whose credentials for files read it. */
  | { connection: string }
)

/** An entry of the setting, apart from the other settings. */
type LoadLocationEntry = { name: string; connection: string | null; location: string }

const MAX_LOAD_LOCATIONS = 100
const SCHEMES = /^(?:file|s3|gs|abfss):\/\//

/** `landing=s3://bucket/landing/, drop=file:///srv/drop, other@connection=gs://bucket/prefix` */
export function loadLocationsSchema() {
  return z
    .string()
    .default('')
    .transform((text, context): LoadLocationEntry[] => {
      const parts = text.split(',').map((part) => part.trim())
      const entries: LoadLocationEntry[] = []
      const refuse = (message: string) => {
        context.addIssue({ code: 'custom', message })
        return z.NEVER
      }
      for (const part of parts.filter((one) => one !== '')) {
        const [, name = '', connection, location = ''] = /^([^=@]*)(?:@([^=]*))?=(.*)$/.exec(part) ?? []
        if (!LOAD_LOCATION_PATTERN.test(name) || (connection !== undefined && !CATALOG_NAME_PATTERN.test(connection)))
          return refuse(
            `must list locations such as landing=s3://bucket/landing or landing@connection=s3://bucket/landing: ${part}`,
          )
        const folder = toFolder(location)
        if (folder === null)
          return refuse(
            `${name}: ${location} must be file:///folder, s3://bucket/prefix, gs://bucket/prefix or ` +
              'abfss://container@account.dfs.core.windows.net/prefix, without empty parts, . and ..',
          )
        if (entries.some((other) => other.name.toLowerCase() === name.toLowerCase()))
          return refuse(`${name} is the name of two locations`)
        entries.push({ name, connection: connection ?? null, location: folder })
      }
      return entries.length > MAX_LOAD_LOCATIONS ? refuse(`must list at most ${MAX_LOAD_LOCATIONS} locations`) : entries
    })
}

/** Null for a location that is not plainly a folder, or is a whole file system. */
function toFolder(location: string): string | null {
  const parsed = SCHEMES.test(location) ? parseLocation(location) : null
  if (parsed === null) return null
  if (parsed.scheme === 'file') return parsed.path === '/' ? null : `file://${parsed.path}`
  const folder = location.replace(/\/+$/, '')
  return folder.slice(folder.indexOf('://') + 3).includes('//') ? null : folder
}

type Surroundings = {
  homeDir: string
  /** The actual location of the warehouse, and the folders that connections may read tables in. */
  tableRoots: readonly string[]
  /** Whether a path means the same file for the web processes and the workers. */
  hasSharedFiles: boolean
  toS3Access: (location: string) => S3Access
}

/**
 * The locations with their storage. A user who may write one table may list and load the files of all locations, so
 * none of them may have files of tables, or the secrets of the home.
 *
 * @throws {ConfigError}
 */
export function toLoadLocations(
  entries: readonly LoadLocationEntry[],
  { homeDir, tableRoots, hasSharedFiles, toS3Access }: Surroundings,
): LoadLocation[] {
  const homes = withRealLocation(`file://${homeDir}`)
  const roots = tableRoots.flatMap(withRealLocation)
  return entries.map(({ name, connection, location }): LoadLocation => {
    const refuse = (reason: string, advice: string) =>
      new ConfigError(`LAKESHORE_LOAD_LOCATIONS: ${name}: ${location} ${reason}. Nothing was started. ${advice}`)
    const isLocal = location.startsWith('file://')
    const spellings = withRealLocation(location)
    if (overlaps(spellings, homes))
      throw refuse(`and the home ${homeDir} overlap, and the home has secrets`, 'Choose a folder outside of it.')
    if (overlaps(spellings, roots))
      throw refuse(
        'overlaps with the warehouse or a folder of LAKESHORE_LOCAL_ROOTS, so loads could read tables that their user may not read',
        'Choose a folder or prefix next to them.',
      )
    if (isLocal && !hasSharedFiles)
      throw refuse(
        'is a folder of this machine, and the worker may run on another',
        'Choose a location in a bucket, or set LAKESHORE_SHARED_FILES=true if every machine sees the folder at the same path.',
      )
    if (isLocal && connection !== null)
      throw refuse('is a folder of this machine, and needs no connection', `Write ${name}=${location}.`)
    if (connection !== null) return { name, location, connection }
    if (isLocal) return { name, location, connection, access: { kind: 'local', roots: [location], isReadOnly: true } }
    if (location.startsWith('s3://'))
      return { name, location, connection, access: { ...toS3Access(location), isReadOnly: true } }
    throw refuse(
      'needs the credentials of a connection',
      `Write ${name}@connection=${location} with the name of a connection that has credentials for it.`,
    )
  })
}

/** A folder with its real path, which a link may hide. */
function withRealLocation(location: string): string[] {
  if (!location.startsWith('file://')) return [location]
  const folder = path.resolve(location.slice('file://'.length))
  let existing = folder
  while (!existsSync(existing)) existing = path.dirname(existing)
  return [`file://${folder}`, `file://${path.join(realpathSync(existing), path.relative(existing, folder))}`]
}

function overlaps(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) =>
    others.some((other) => rootLength(one, [other]) !== null || rootLength(other, [one]) !== null),
  )
}
