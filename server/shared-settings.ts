import 'server-only'
import { hkdfSync } from 'node:crypto'
import { type Config, ConfigError } from '@/server/config'
import { settleCatalogName } from '@/server/db/catalog-name'
import { readSharedSettings, replaceSharedSettings, settleSharedSettings } from '@/server/db/shared-settings'
import type { Services } from '@/server/services'

/**
 * Settings that every process on one PostgreSQL database needs alike. The database keeps a fingerprint of each secret
 * and the location of the warehouse; the first process that starts settles them. A home has its settings to itself, so
 * nothing is kept for a database in a file.
 */
const SHARED = ['LAKESHORE_SECRET', 'LAKESHORE_SEALING_KEY', 'LAKESHORE_WAREHOUSE'] as const
type SharedSetting = (typeof SHARED)[number]

const SECRETS = ['LAKESHORE_SECRET', 'LAKESHORE_SEALING_KEY'] as const satisfies readonly SharedSetting[]
const WAREHOUSE = ['LAKESHORE_WAREHOUSE'] as const satisfies readonly SharedSetting[]

const FINGERPRINT_BYTES = 24

type SharingServices = Pick<Services, 'config' | 'database'>

/**
 * Compares the settings of this process with those of all that share its PostgreSQL database, and settles what the
 * database does not know yet.
 *
 * @throws {ConfigError} naming each setting that differs, and what to do
 */
export async function requireSharedSettings(services: SharingServices): Promise<void> {
  const { config, database } = services
  if (config.postgres === null) return
  await requireSharedName(services)
  let settled = await readSharedSettings(database)
  if (findDiffering(config, settled).length === 0) {
    settled = await settleSharedSettings(database, toShared(config))
  }
  const differing = findDiffering(config, settled)
  if (differing.length === 0) return
  throw new ConfigError(
    [
      'Processes that share the database of LAKESHORE_DATABASE_URL need the same settings, and these differ from what the database knows.',
      'Nothing was started and nothing was changed:',
      ...differing.map((name) => `  ${describeDifference(name, config, settled)}`),
    ].join('\n'),
  )
}

/**
 * For a process that has started: whether another one has been given other settings meanwhile.
 *
 * @returns the settings that differ, by name
 */
export async function findUnsharedSettings({ config, database }: SharingServices): Promise<readonly string[]> {
  if (config.postgres === null) return []
  return findDiffering(config, await readSharedSettings(database))
}

/**
 * Has the secrets of this process hold for every process on the database from now on.
 *
 * @returns the settings that differed, by name
 */
export function acceptSharedSecrets(services: SharingServices): Promise<readonly string[]> {
  return accept(services, SECRETS)
}

/**
 * Has the warehouse of this process hold for every process on the database from now on.
 *
 * @returns the settings that differed, by name
 */
export function acceptSharedWarehouse(services: SharingServices): Promise<readonly string[]> {
  return accept(services, WAREHOUSE)
}

async function accept(
  { config, database }: SharingServices,
  names: readonly SharedSetting[],
): Promise<readonly string[]> {
  if (config.postgres === null) return []
  const settled = await readSharedSettings(database)
  const differing = findDiffering(config, settled).filter((name) => names.includes(name))
  if (differing.length === 0) return []
  const shared = toShared(config)
  await replaceSharedSettings(database, Object.fromEntries(differing.map((name) => [name, shared[name]])))
  return differing
}

function findDiffering(config: Config, settled: Readonly<Record<string, string>>): SharedSetting[] {
  const shared = toShared(config)
  return SHARED.filter((name) => Object.hasOwn(settled, name) && settled[name] !== shared[name])
}

function toShared({ secret, sealingKey, warehouse }: Config): Record<SharedSetting, string> {
  return {
    LAKESHORE_SECRET: fingerprint('LAKESHORE_SECRET', secret),
    LAKESHORE_SEALING_KEY: fingerprint('LAKESHORE_SEALING_KEY', sealingKey),
    LAKESHORE_WAREHOUSE: warehouse,
  }
}

/** A key of its own purpose (HKDF, RFC 5869): whoever reads the database learns nothing of the keys that are in use. */
function fingerprint(name: SharedSetting, secret: string): string {
  const bytes = hkdfSync('sha256', secret, '', `lakeshore fingerprint of ${name} v1`, FINGERPRINT_BYTES)
  return Buffer.from(bytes).toString('base64url')
}

function describeDifference(
  name: SharedSetting,
  { warehouse }: Config,
  settled: Readonly<Record<string, string>>,
): string {
  switch (name) {
    case 'LAKESHORE_SECRET':
      return (
        `${name} is not the one that the other processes have: a session from one would be refused by another. Set ` +
        `theirs, or, to change it for all of them: ${ACCEPT_SECRETS}`
      )
    case 'LAKESHORE_SEALING_KEY':
      return (
        `${name} is not the one that the secrets of connections are sealed with. Set that one, or, to change it for ` +
        `all processes and then enter the secrets of every connection again: ${ACCEPT_SECRETS}`
      )
    case 'LAKESHORE_WAREHOUSE':
      return (
        `${name} is ${warehouse} here, and ${settled[name]} for the other processes. Set theirs, or, if the warehouse ` +
        'of this lake is another from now on: npm run lakeshore -- init --accept-warehouse'
      )
  }
}

const ACCEPT_SECRETS = 'npm run lakeshore -- init --accept-secrets'

/** The name is part of every row of the catalog, so no process may call it something else. */
async function requireSharedName({ config, database }: SharingServices): Promise<void> {
  const { catalogName } = config
  const settled = await settleCatalogName(database, catalogName)
  if (settled === catalogName) return
  throw new ConfigError(
    `LAKESHORE_CATALOG_NAME is "${catalogName}" here, but the database of LAKESHORE_DATABASE_URL holds the catalog ` +
      `"${settled}". The name is part of every row of the catalog. Nothing was started and nothing was changed: set ` +
      `LAKESHORE_CATALOG_NAME=${settled} with a LAKESHORE_HOME that was not made for another name, or use another ` +
      'database or LAKESHORE_DATABASE_SCHEMA.',
  )
}
