import 'server-only'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'
import { hkdfSync } from 'node:crypto'
import { type Config, ConfigError } from '@/server/config/config'
import { settleCatalogName } from '@/server/db/catalog/catalog-name'
import { readSharedSettings, replaceSharedSettings, settleSharedSettings } from '@/server/db/shared-settings'
import type { Services } from '@/server/services'

/**
 * Settings that must be the same for every process on one PostgreSQL database. The database stores a fingerprint of
 * each secret and the location of the warehouse; the first process that starts settles them. A database file is not
 * shared, so it stores none of this.
 */
const SHARED_SETTINGS = ['LAKESHORE_SECRET', 'LAKESHORE_SEALING_KEY', 'LAKESHORE_WAREHOUSE'] as const
type SharedSetting = (typeof SHARED_SETTINGS)[number]

const SECRET_SETTINGS = ['LAKESHORE_SECRET', 'LAKESHORE_SEALING_KEY'] as const satisfies readonly SharedSetting[]
const WAREHOUSE_SETTINGS = ['LAKESHORE_WAREHOUSE'] as const satisfies readonly SharedSetting[]

const FINGERPRINT_BYTES = 24

type SharedSettingsDeps = Pick<Services, 'config' | 'database'>

/**
 * Compares the settings of this process with those that all processes on its PostgreSQL database share, and stores
 * those that the database does not have yet.
 *
 * @throws {ConfigError} naming each setting that differs, and what to do
 */
export async function requireSharedSettings(services: SharedSettingsDeps): Promise<void> {
  const { config, database } = services
  if (config.postgres === null) return
  await requireSharedCatalogName(services)
  let stored = await readSharedSettings(database)
  if (findDifferences(config, stored).length === 0) {
    stored = await settleSharedSettings(database, toSharedSettings(config))
  }
  const differences = findDifferences(config, stored)
  if (differences.length === 0) return
  throw new ConfigError(
    [
      'Processes that share the database of LAKESHORE_DATABASE_URL need the same settings, and these differ from the settings in the database.',
      'Nothing was started and nothing was changed:',
      ...differences.map((name) => `  ${describeDifference(name, config, stored)}`),
    ].join('\n'),
  )
}

/**
 * For a running process: whether the shared settings have changed since it started.
 *
 * @returns the settings that differ, by name
 */
export async function findSharedSettingDifferences({
  config,
  database,
}: SharedSettingsDeps): Promise<readonly string[]> {
  if (config.postgres === null) return []
  return findDifferences(config, await readSharedSettings(database))
}

/**
 * Makes the secrets of this process the shared ones for every process on the database.
 *
 * @returns the settings that differed, by name
 */
export function acceptSharedSecrets(services: SharedSettingsDeps): Promise<readonly string[]> {
  return acceptSettings(services, SECRET_SETTINGS)
}

/**
 * Makes the warehouse of this process the shared one for every process on the database.
 *
 * @returns the settings that differed, by name
 */
export function acceptSharedWarehouse(services: SharedSettingsDeps): Promise<readonly string[]> {
  return acceptSettings(services, WAREHOUSE_SETTINGS)
}

async function acceptSettings(
  { config, database }: SharedSettingsDeps,
  names: readonly SharedSetting[],
): Promise<readonly string[]> {
  if (config.postgres === null) return []
  const stored = await readSharedSettings(database)
  const differences = findDifferences(config, stored).filter((name) => names.includes(name))
  if (differences.length === 0) return []
  const own = toSharedSettings(config)
  await replaceSharedSettings(database, Object.fromEntries(differences.map((name) => [name, own[name]])))
  return differences
}

function findDifferences(config: Config, stored: Readonly<Record<string, string>>): SharedSetting[] {
  const own = toSharedSettings(config)
  return SHARED_SETTINGS.filter((name) => Object.hasOwn(stored, name) && stored[name] !== own[name])
}

function toSharedSettings({ secret, sealingKey, warehouse }: Config): Record<SharedSetting, string> {
  return {
    LAKESHORE_SECRET: fingerprint('LAKESHORE_SECRET', secret),
    LAKESHORE_SEALING_KEY: fingerprint('LAKESHORE_SEALING_KEY', sealingKey),
    LAKESHORE_WAREHOUSE: warehouse,
  }
}

/** The fingerprint uses its own derived key (HKDF, RFC 5869), so the database reveals nothing about the keys in use. */
function fingerprint(name: SharedSetting, secret: string): string {
  const bytes = hkdfSync('sha256', secret, '', `lakeshore fingerprint of ${name} v1`, FINGERPRINT_BYTES)
  return Buffer.from(bytes).toString('base64url')
}

function describeDifference(
  name: SharedSetting,
  { warehouse }: Config,
  stored: Readonly<Record<string, string>>,
): string {
  switch (name) {
    case 'LAKESHORE_SECRET':
      return (
        `${name} is not the one that the other processes have: one would refuse the sessions of another. Use ` +
        `theirs, or change it for all processes: ${ACCEPT_SECRETS}`
      )
    case 'LAKESHORE_SEALING_KEY':
      return (
        `${name} is not the one with which the secrets of connections are sealed. Use that one, or change it for all ` +
        `processes and then enter the secrets of every connection again: ${ACCEPT_SECRETS}`
      )
    case 'LAKESHORE_WAREHOUSE':
      return (
        `${name} is ${warehouse} here, and ${stored[name]} for the other processes. Use theirs, or, if the warehouse ` +
        'of this lake has moved for good: ' +
        lakeshoreCommands.acceptWarehouse()
      )
  }
}

const ACCEPT_SECRETS = lakeshoreCommands.acceptSecrets()

/** The name is part of every row of the catalog, so all processes must use the same one. */
async function requireSharedCatalogName({ config, database }: SharedSettingsDeps): Promise<void> {
  const { catalogName } = config
  const storedName = await settleCatalogName(database, catalogName)
  if (storedName === catalogName) return
  throw new ConfigError(
    `LAKESHORE_CATALOG_NAME is "${catalogName}" here, but the database of LAKESHORE_DATABASE_URL holds the catalog ` +
      `"${storedName}". The name is part of every row of the catalog. Nothing was started and nothing was changed: set ` +
      `LAKESHORE_CATALOG_NAME=${storedName} with a LAKESHORE_HOME that was not created for another name, or use another ` +
      'database or LAKESHORE_DATABASE_SCHEMA.',
  )
}
