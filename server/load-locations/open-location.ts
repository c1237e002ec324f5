import 'server-only'
import { AppError } from '@/lib/errors'
import type { LakeServices } from '@/server/catalog/lake-services'
import { openFolderWithConnection } from '@/server/catalog/open-connection'
import type { Config } from '@/server/config/config'
import type { LoadLocation } from '@/server/config/load-locations'
import { unsealSecrets } from '@/server/credentials/secrets'
import { findConnectionByName } from '@/server/db/catalog/connections'
import type { ObjectStore } from '@/server/storage/object-store'
import { LocationFiles } from './location-files'

export type LocationServices = Pick<LakeServices, 'config' | 'database' | 'stores'>

/** @throws {AppError} not-found for a location that the operator does not allow, or no longer */
export function requireLoadLocation({ loadLocations }: Pick<Config, 'loadLocations'>, name: string): LoadLocation {
  const found = loadLocations.find((location) => location.name === name)
  if (found) return found
  throw new AppError(
    'not-found',
    `There is no location ${name} to load from. The operator of Lakeshore names locations in LAKESHORE_LOAD_LOCATIONS.`,
    { facts: { location: name } },
  )
}

/** @throws {AppError} not-found; invalid-request and forbidden when its connection cannot read it */
export async function openLoadLocation(services: LocationServices, name: string): Promise<LocationFiles> {
  const location = requireLoadLocation(services.config, name)
  return new LocationFiles(location, await openStore(services, location))
}

async function openStore(services: LocationServices, location: LoadLocation): Promise<ObjectStore> {
  if (location.connection === null) return services.stores.storeFor(location.access)
  const connection = await findConnectionByName(services.database, location.connection)
  if (connection === null)
    throw new AppError(
      'not-found',
      `The location ${location.name} is read with the connection ${location.connection}, which does not exist.`,
      { facts: { location: location.name, connection: location.connection } },
    )
  const { name, settings } = connection
  const secrets = unsealSecrets(services.config, connection)
  return openFolderWithConnection(services, { name, settings, secrets }, location.location)
}
