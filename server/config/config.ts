import 'server-only'
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import type { StoragePrice } from '@/lib/format/money'
import type { PostgresSettings } from '@/server/config/postgres-settings'
import { type AuditReceivers, toAuditReceivers } from './audit-receivers'
import { ConfigError, explainFolderErrors } from './config-error'
import { settleHome } from './home'
import { homeLocationAt, settleHomeLocation } from './home-location'
import type { LoadHost } from './load-hosts'
import { type LoadLocation, toLoadLocations } from './load-locations'
import { type OidcSettings, toOidcSettings } from './oidc-settings'
import { rootLength, equivalentLocations } from '@/server/locations/location-gate'
import {
  type Environment,
  type LogLevel,
  parseSettings,
  readEnvironment,
  type SettingName,
  type Settings,
} from './settings'
import type { LocationMapping, S3Access, StorageAccess } from '@/server/locations/storage-access'

export { ConfigError }

/** A program's settings, and the home that they name. */
export type Config = {
  /**
   * Absolute; contains the database, the generated secrets and, by default, the warehouse. With PostgreSQL it contains
   * scratch files.
   */
  homeDir: string
  databaseFile: string
  /** A PostgreSQL database instead of the file; null: the file. */
  postgres: PostgresSettings | null
  /** Whether a path on this machine means the same file for every process that shares the database. */
  hasSharedFiles: boolean
  /** `file:///…` or `s3://…`, without a trailing slash: the location that tables are created in and that they name. */
  warehouse: string
  /** How Lakeshore reaches the warehouse. */
  storage: StorageAccess
  /** For a home that was moved: from the locations that its tables name to the actual ones. Otherwise empty. */
  warehouseMappings: readonly LocationMapping[]
  /** Part of the key of every row of the catalog's tables, so it is fixed at the first use of the home. */
  catalogName: string
  host: string
  port: number
  /** How many web processes `up` runs behind the port. */
  webProcesses: number
  /** The console's public URL without a trailing slash; cookies are `Secure` when it is https. */
  publicUrl: string
  /** Whether all requests come through a proxy that reports the client's address in `X-Forwarded-For`. */
  isBehindProxy: boolean
  /** The initial password of user `admin`; null: one is generated at the first start. */
  adminPassword: string | null
  /** At least 32 characters; the keys for sessions and plan tokens are derived from it. */
  secret: string
  /** At least 32 characters; the key that seals the secrets of connections is derived from it. */
  sealingKey: string
  /**
   * Folders that connections may read files in, as `file:///…`. When empty, connections cannot read files of this
   * machine.
   */
  localRoots: readonly string[]
  /** Queries that run on the server. */
  queries: {
    /** The most that run at once in a web process; 0: the server runs no queries. */
    processes: number
    memoryMiB: number
    tempMiB: number
    threads: number
    seconds: number
  }
  /** The operator's price of storage; null to show no costs. */
  storagePrice: StoragePrice | null
  sessionHours: number
  /** How long a table that was dropped with its files can be restored. */
  undropWindowMs: number
  /** For how many days the dashboards' facts are stored: those of single commits, and their sums by hour. */
  factRetention: { commitDays: number; hourDays: number }
  uploads: {
    /** The largest file that a user may upload. */
    maxBytes: number
    /** The bytes of all uploads of a user that are not loaded yet. */
    maxUserBytes: number
    /** How long an upload lives after its last byte. */
    lifeMs: number
  }
  /** The folders and prefixes that loads may read, apart from uploads. */
  loadLocations: readonly LoadLocation[]
  /** The hosts whose files loads may read by their URLs. */
  loadHosts: readonly LoadHost[]
  /** The OpenID Connect provider for signing in, or null. */
  oidc: OidcSettings | null
  /** Whether people may sign in with a name and a password. */
  hasPasswordSignIn: boolean
  auditReceivers: AuditReceivers
  logLevel: LogLevel
}

/**
 * The settings of this process, and the home that they name, which is created if it is new.
 *
 * @throws {ConfigError}
 */
export function readConfig(): Config {
  return parseConfig(readEnvironment())
}

/**
 * The settings that do not need a home, for checks before one is created or used.
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
  /** The location of a warehouse outside the home. */
  warehouse: string | null
  hasPostgres: boolean
  databaseSchema: string
  host: string
  port: number
  webProcesses: number
}

/**
 * Reads the settings and settles the home that they name: creates a new home, and refuses one that was created for
 * another catalog name, that was moved, or that is not writable. Also refuses settings that several machines would not
 * share.
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
  // A database file is on this machine, like all other files.
  const hasSharedFiles = data.LAKESHORE_DATABASE_URL === undefined || data.LAKESHORE_SHARED_FILES
  const loadLocations = toLoadLocations(data.LAKESHORE_LOAD_LOCATIONS, {
    homeDir,
    tableRoots: [actualWarehouse, ...data.LAKESHORE_LOCAL_ROOTS],
    hasSharedFiles,
    toS3Access: (location) => toS3Access(location, data),
  })
  const home = settleHome(homeDir, {
    catalogName: data.LAKESHORE_CATALOG_NAME,
    secret: data.LAKESHORE_SECRET,
    sealingKey: data.LAKESHORE_SEALING_KEY,
  })
  if (home.catalogName !== (data.LAKESHORE_CATALOG_NAME ?? home.catalogName)) {
    throw new ConfigError(
      `LAKESHORE_CATALOG_NAME is "${data.LAKESHORE_CATALOG_NAME}", but ${homeDir} was created with the catalog name "${home.catalogName}". ` +
        'The name is part of every row of the catalog and cannot be changed. Use that name, or another LAKESHORE_HOME.',
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
    hasSharedFiles,
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
    // Lakeshore itself does not serve TLS, so https means a proxy.
    isBehindProxy: data.LAKESHORE_BEHIND_PROXY ?? data.LAKESHORE_PUBLIC_URL?.startsWith('https:') ?? false,
    adminPassword: data.LAKESHORE_ADMIN_PASSWORD ?? null,
    secret: home.secret,
    sealingKey: home.sealingKey,
    localRoots: data.LAKESHORE_LOCAL_ROOTS,
    queries: {
      processes: data.LAKESHORE_QUERY_PROCESSES,
      memoryMiB: data.LAKESHORE_QUERY_MEMORY_MIB,
      tempMiB: data.LAKESHORE_QUERY_DISK_MIB,
      threads: data.LAKESHORE_QUERY_THREADS,
      seconds: data.LAKESHORE_QUERY_SECONDS,
    },
    storagePrice: data.LAKESHORE_STORAGE_PRICE ?? null,
    sessionHours: data.LAKESHORE_SESSION_HOURS,
    undropWindowMs: data.LAKESHORE_UNDROP_HOURS * 60 * 60 * 1000,
    factRetention: {
      commitDays: data.LAKESHORE_FACT_COMMIT_DAYS,
      hourDays: data.LAKESHORE_FACT_HOUR_DAYS,
    },
    uploads: {
      maxBytes: data.LAKESHORE_MAX_UPLOAD_BYTES,
      maxUserBytes: data.LAKESHORE_USER_UPLOAD_BYTES,
      lifeMs: data.LAKESHORE_UPLOAD_HOURS * 60 * 60 * 1000,
    },
    loadLocations,
    // A host in both lists may be inside the network.
    loadHosts: [...data.LAKESHORE_LOAD_PRIVATE_HOSTS, ...data.LAKESHORE_LOAD_HOSTS],
    oidc: toOidcSettings(data),
    hasPasswordSignIn: data.LAKESHORE_PASSWORD_SIGN_IN,
    auditReceivers: toAuditReceivers(data),
    logLevel: data.LAKESHORE_LOG_LEVEL,
  }
}

/**
 * Locations are written unescaped, as other engines write them, so other engines would read these characters
 * differently.
 */
function requireUnescapedLocation(name: SettingName, location: string): void {
  const forbidden = /[%?#\\\p{Cc}]/u.exec(location)?.[0]
  if (forbidden !== undefined) {
    throw new ConfigError(
      `${name}: the path of a warehouse cannot contain ${JSON.stringify(forbidden)}, because table locations begin with it`,
    )
  }
}

/** Users who may name a location in the warehouse can read it. */
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
      'Nothing was changed. Choose another folder.',
  )
}

/** Processes that share a PostgreSQL database do not see the files of each other's homes. */
function requireShareableSettings(warehouse: string, data: Settings): void {
  if (data.LAKESHORE_DATABASE_URL === undefined) return
  const generatedText = 'is not set, and a generated one is known only to its own home. Generate one with'
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
      `Nothing was started and nothing was created:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  )
}

/** Without keys, AWS's default chain is used. Custom endpoints usually have no host name per bucket. */
function toS3Access(warehouse: string, data: Settings): S3Access {
  const accessKeyId = data.LAKESHORE_S3_ACCESS_KEY_ID
  const secretAccessKey = data.LAKESHORE_S3_SECRET_ACCESS_KEY
  const sessionToken = data.LAKESHORE_S3_SESSION_TOKEN
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new ConfigError('LAKESHORE_S3_ACCESS_KEY_ID and LAKESHORE_S3_SECRET_ACCESS_KEY must be set together')
  }
  if (accessKeyId === undefined && sessionToken !== undefined) {
    throw new ConfigError(
      'LAKESHORE_S3_SESSION_TOKEN requires LAKESHORE_S3_ACCESS_KEY_ID and LAKESHORE_S3_SECRET_ACCESS_KEY',
    )
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
