import 'server-only'
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { PostgresSettings } from '@/server/db/postgres/settings'
import { ConfigError, explainFolderErrors } from './config-error'
import { settleHome } from './home'
import { homeLocationAt, settleHomeLocation } from './home-location'
import { rootLength, equivalentLocations } from '@/server/storage/location-gate'
import {
  type Environment,
  type LogLevel,
  parseSettings,
  readEnvironment,
  type SettingName,
  type Settings,
} from './settings'
import type { LocationMapping, S3Access, StorageAccess } from '@/server/storage/storage-access'

export { ConfigError }

/** What a program is run with: its settings, together with the home that they name. */
export type Config = {
  /** Absolute; holds the database, the generated secrets and, by default, the warehouse. With PostgreSQL scratch files. */
  homeDir: string
  databaseFile: string
  /** A PostgreSQL database in place of the file; null: the file. */
  postgres: PostgresSettings | null
  /** Whether a path of this machine is one of every process that shares the database. */
  hasSharedFiles: boolean
  /** `file:///…` or `s3://…`, without a slash at the end: the location that tables are made in and name. */
  warehouse: string
  /** How the warehouse is reached. */
  storage: StorageAccess
  /** Of a home that was moved: from where its tables name their files to where they are. Else none. */
  warehouseMappings: readonly LocationMapping[]
  /** Part of the key of every row of the catalog's tables, so it is fixed when the home is first used. */
  catalogName: string
  host: string
  port: number
  /** How many web processes `up` runs behind the port. */
  webProcesses: number
  /** Where people reach the console, without a slash at the end; cookies are `Secure` when it is https. */
  publicUrl: string
  /** Whether all requests come by a proxy, which says in `X-Forwarded-For` from where. */
  isBehindProxy: boolean
  /** Of user `admin` at first start; null: one is generated. */
  adminPassword: string | null
  /** At least 32 characters; sessions and file tokens are made with keys derived from it. */
  secret: string
  /** At least 32 characters; the secrets of connections are sealed with a key derived from it. */
  sealingKey: string
  /** Folders that connections may reach files in, as `file:///…`; none: no connection reaches this machine's files. */
  localRoots: readonly string[]
  sessionHours: number
  logLevel: LogLevel
}

/**
 * The settings of this process, and the home that they name, which is made where it is new.
 *
 * @throws {ConfigError}
 */
export function readConfig(): Config {
  return parseConfig(readEnvironment())
}

/**
 * What is known without a home: for what is looked at before one is made or used.
 *
 * @throws {ConfigError}
 */
export function readEarlySettings(): EarlySettings {
  const data = parseSettings(readEnvironment())
  return {
    homeDir: path.resolve(data.LAKESHORE_HOME),
    hasOwnWarehouse: data.LAKESHORE_WAREHOUSE === undefined,
    warehouse: data.LAKESHORE_WAREHOUSE ?? null,
    hasPostgres: data.LAKESHORE_DATABASE_URL !== undefined,
    databaseSchema: data.LAKESHORE_DATABASE_SCHEMA,
    host: data.LAKESHORE_HOST,
    port: data.LAKESHORE_PORT,
    webProcesses: data.LAKESHORE_WEB_PROCESSES,
  }
}

type EarlySettings = {
  homeDir: string
  hasOwnWarehouse: boolean
  /** The location of a warehouse that is not in the home. */
  warehouse: string | null
  hasPostgres: boolean
  databaseSchema: string
  host: string
  port: number
  webProcesses: number
}

/**
 * Reads the settings and settles the home they name: makes it when it is new, and refuses one that was made for
 * another catalog name, that was moved, or that cannot be written, and settings that machines would not share.
 *
 * @throws {ConfigError}
 */
export function parseConfig(environment: Environment): Config {
  const data = parseSettings(environment)
  const homeDir = path.resolve(data.LAKESHORE_HOME)
  const actualWarehouse = data.LAKESHORE_WAREHOUSE ?? homeLocationAt(homeDir).warehouse
  requireUnescapedLocation(
    data.LAKESHORE_WAREHOUSE === undefined ? 'LAKESHORE_HOME' : 'LAKESHORE_WAREHOUSE',
    actualWarehouse,
  )
  requireOutsideSecrets(actualWarehouse, homeDir)
  requireShareableSettings(actualWarehouse, data)
  const storage: StorageAccess = actualWarehouse.startsWith('s3://')
    ? toS3Access(actualWarehouse, data)
    : { kind: 'local', roots: [actualWarehouse] }
  const home = settleHome(homeDir, {
    catalogName: data.LAKESHORE_CATALOG_NAME,
    secret: data.LAKESHORE_SECRET,
    sealingKey: data.LAKESHORE_SEALING_KEY,
  })
  if (home.catalogName !== (data.LAKESHORE_CATALOG_NAME ?? home.catalogName)) {
    throw new ConfigError(
      `LAKESHORE_CATALOG_NAME is "${data.LAKESHORE_CATALOG_NAME}", but ${homeDir} was made with the catalog name "${home.catalogName}". ` +
        'The name is part of every row of the catalog and cannot be changed: use that name, or another LAKESHORE_HOME.',
    )
  }
  const warehouse =
    data.LAKESHORE_WAREHOUSE ??
    explainFolderErrors('LAKESHORE_HOME', homeDir, () => settleHomeLocation(homeDir)).warehouse
  return {
    homeDir,
    databaseFile: path.join(homeDir, 'lakeshore.db'),
    postgres:
      data.LAKESHORE_DATABASE_URL === undefined
        ? null
        : {
            url: data.LAKESHORE_DATABASE_URL,
            schema: data.LAKESHORE_DATABASE_SCHEMA,
            poolSize: data.LAKESHORE_DATABASE_POOL_SIZE,
            statementTimeoutMs: data.LAKESHORE_DATABASE_TIMEOUT_SECONDS * 1000,
          },
    // A database in a file is of this machine, as all its other files are.
    hasSharedFiles: data.LAKESHORE_DATABASE_URL === undefined || data.LAKESHORE_SHARED_FILES,
    warehouse,
    storage,
    warehouseMappings:
      warehouse === actualWarehouse
        ? []
        : equivalentLocations(warehouse).map((from) => ({ from, to: actualWarehouse })),
    catalogName: home.catalogName,
    host: data.LAKESHORE_HOST,
    port: data.LAKESHORE_PORT,
    webProcesses: data.LAKESHORE_WEB_PROCESSES,
    publicUrl: data.LAKESHORE_PUBLIC_URL ?? `http://${hostInUrl(data.LAKESHORE_HOST)}:${data.LAKESHORE_PORT}`,
    // Nothing here speaks TLS, so https is a proxy's.
    isBehindProxy: data.LAKESHORE_BEHIND_PROXY ?? data.LAKESHORE_PUBLIC_URL?.startsWith('https:') ?? false,
    adminPassword: data.LAKESHORE_ADMIN_PASSWORD ?? null,
    secret: home.secret,
    sealingKey: home.sealingKey,
    localRoots: data.LAKESHORE_LOCAL_ROOTS,
    sessionHours: data.LAKESHORE_SESSION_HOURS,
    logLevel: data.LAKESHORE_LOG_LEVEL,
  }
}

/** Locations are written unescaped, as other engines write them, so these characters would be read differently. */
function requireUnescapedLocation(name: SettingName, location: string): void {
  const forbidden = /[%?#\\\p{Cc}]/u.exec(location)?.[0]
  if (forbidden !== undefined) {
    throw new ConfigError(
      `${name}: a warehouse's path cannot hold ${JSON.stringify(forbidden)}, since table locations are made of it`,
    )
  }
}

/** Whoever may name a location in the warehouse may have it read. */
function requireOutsideSecrets(warehouse: string, homeDir: string): void {
  const secrets = path.join(homeDir, 'secrets')
  const folder = warehouse.startsWith('file://') ? warehouse.slice('file://'.length) : null
  const isInSecrets = [
    warehouse,
    folder !== null && existsSync(folder) ? `file://${realpathSync(folder)}` : warehouse,
  ].some((location) => rootLength(location, [`file://${secrets}`]) !== null)
  if (!isInSecrets) return
  throw new ConfigError(
    `LAKESHORE_WAREHOUSE: the warehouse cannot be in ${secrets}, which holds the secrets of this home. ` +
      'Nothing was changed: name another folder.',
  )
}

/** What lies in one home is not known to the other processes that share a PostgreSQL database. */
function requireShareableSettings(warehouse: string, data: Settings): void {
  if (data.LAKESHORE_DATABASE_URL === undefined) return
  const generatedText = 'is not set, and one that a home generates is known to that home alone. Make one with'
  const problems = [
    data.LAKESHORE_SECRET === undefined &&
      `LAKESHORE_SECRET ${generatedText}: openssl rand -base64 48, and give the same to every process`,
    data.LAKESHORE_SEALING_KEY === undefined &&
      `LAKESHORE_SEALING_KEY ${generatedText}: openssl rand -base64 48, and give the same to every process`,
    warehouse.startsWith('file:') &&
      !data.LAKESHORE_SHARED_FILES &&
      `LAKESHORE_WAREHOUSE: the warehouse ${warehouse} is a folder of this machine. Set it to s3://bucket/prefix, or set ` +
        'LAKESHORE_SHARED_FILES=true if LAKESHORE_HOME and the warehouse are on storage that every machine sees at the same path',
  ].filter((problem) => problem !== false)
  if (problems.length === 0) return
  throw new ConfigError(
    'LAKESHORE_DATABASE_URL lets processes on many machines share one lake, and these settings would not be shared. ' +
      `Nothing was started and nothing was made:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  )
}

/** Without keys they are looked for where AWS's tools do. An endpoint of one's own mostly has no name per bucket. */
function toS3Access(warehouse: string, data: Settings): S3Access {
  const accessKeyId = data.LAKESHORE_S3_ACCESS_KEY_ID
  const secretAccessKey = data.LAKESHORE_S3_SECRET_ACCESS_KEY
  const sessionToken = data.LAKESHORE_S3_SESSION_TOKEN
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new ConfigError('LAKESHORE_S3_ACCESS_KEY_ID and LAKESHORE_S3_SECRET_ACCESS_KEY are set together, or neither')
  }
  if (accessKeyId === undefined && sessionToken !== undefined) {
    throw new ConfigError('LAKESHORE_S3_SESSION_TOKEN belongs to keys: set LAKESHORE_S3_ACCESS_KEY_ID too')
  }
  return {
    kind: 's3',
    roots: [warehouse],
    endpoint: data.LAKESHORE_S3_ENDPOINT ?? null,
    region: data.LAKESHORE_S3_REGION,
    isPathStyle: data.LAKESHORE_S3_PATH_STYLE ?? data.LAKESHORE_S3_ENDPOINT !== undefined,
    credentials:
      accessKeyId !== undefined && secretAccessKey !== undefined
        ? { kind: 'keys', accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
        : { kind: 'chain' },
  }
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
