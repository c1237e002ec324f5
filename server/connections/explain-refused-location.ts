import 'server-only'
import type { ConnectionSettings } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'
import { requireLocalPath } from '@/server/locations/location-gate'
import { isFolderOfServer, isOutsideRoots } from '@/server/locations/outside-location'

export type TestedAccess = { settings: ConnectionSettings; localRoots: Config['localRoots'] }

/**
 * Why a connection may not read a location, and which field of its form, or which setting of the server, would allow it.
 * Null if the location itself is not the reason, such as a link that leads out of a folder.
 */
export function explainRefusedLocation(error: AppError, { settings, localRoots }: TestedAccess): string | null {
  const location = refusedLocation(error)
  if (location === null) return null
  const storageKind = settings.storage?.kind ?? null
  if (isFolderOfServer(location)) {
    if (!isAllowed(location, localRoots)) {
      const allowed = localRoots.length === 0 ? 'none' : `only ${localRoots.join(', ')}`
      return `${location} is in a folder of the server that runs Lakeshore, and its setting LAKESHORE_LOCAL_ROOTS allows ${allowed}. The operator of Lakeshore can add the folder there; then choose Folders on the server as the storage. If the files are elsewhere, choose that storage and add a mapping.`
    }
    return storageKind === 'local'
      ? null
      : `${location} is in a folder of the server that runs Lakeshore. Choose Folders on the server as the storage, with the folder among its allowed locations.`
  }
  if (storageKind !== null) return null
  if (settings.kind === 'rest' && settings.delegation !== 'none')
    return `The access that the catalog gave does not include ${location}, and the connection has no storage. Choose a storage that has this location among its allowed locations.`
  return `Lakeshore is not allowed to read ${location}, because the connection has no storage. Choose one that has this location among its allowed locations, or let the catalog give access to files.`
}

/** Where the files were looked for, after the mappings. */
function refusedLocation(error: AppError): string | null {
  let found: string | null = null
  let cause: unknown = error
  while (cause instanceof AppError) {
    const { location } = cause.facts
    if (isOutsideRoots(cause) && typeof location === 'string') found = location
    cause = cause.cause
  }
  return found
}

function isAllowed(location: string, localRoots: readonly string[]): boolean {
  try {
    requireLocalPath(location, localRoots)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'location-refused') return false
    throw error
  }
}
