import 'server-only'
import type { ObjectStore } from '@/server/storage/object-store'
import type { Stores } from '@/server/storage/stores'
import type { ConnectionAuth, ConnectionSettings, ConnectionStorage, RestConnection } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { normalizeAddress, resolveAddresses } from '@/server/credentials/addresses'
import type { OwnCredentialsSecret } from '@/server/credentials/own-credentials'
import { headerSecretName, type Secrets } from '@/server/credentials/secrets'
import { parseLocation, rootLength } from '@/server/locations/location-gate'
import type { AzureCredentials, GcsCredentials, S3Credentials, StorageAccess } from '@/server/locations/storage-access'
import type { CatalogClient } from './port/catalog-client'
import type { CatalogServices } from './catalog-services'
import { databaseOutbox } from './database-outbox'
import { filesCatalog } from './files/files-catalog'
import type { LoadedMetadataCache } from './rest/loaded-metadata-cache'
import { restCatalog } from './rest/catalog'
import type { RetryPolicy } from './rest/http/retry'
import type { RestAuth, RestSettings } from './rest/http/settings'

/**
 * A connection that is ready to be opened, with its decrypted secrets. A person's own credentials replace the shared
 * ones.
 */
export type ConnectionWithSecrets = {
  name: string
  settings: ConnectionSettings
  secrets: Secrets
  own: OwnCredentialsSecret | null
}

/**
 * Creates the client of a connection, without a request to the catalog. It checks the addresses and folders again,
 * because they may lead elsewhere than when the connection was created.
 *
 * @throws {AppError} forbidden for addresses and folders that connections may not reach
 */
export async function openConnection(
  services: CatalogServices & { metadataCache: LoadedMetadataCache },
  connection: ConnectionWithSecrets,
  retryPolicy?: RetryPolicy,
): Promise<CatalogClient> {
  const { name, settings, secrets } = connection
  const access = settings.storage && storageAccess(settings.storage, secrets, settings.kind === 'files')
  if (access) await requireAllowedStorage(services, access)
  if (settings.kind === 'files') {
    const store = services.stores.storeForAll(access ? [access] : [], settings.mappings)
    return {
      ...filesCatalog({ name, tables: settings.tables, store, metadataFiles: services.metadataFiles }),
      findS3Access: s3AccessFinder(settings.storage),
    }
  }
  await requireAllowedAddress(settings.uri)
  if (settings.auth.kind === 'oauth2' && settings.auth.tokenUri !== null) {
    await requireAllowedAddress(settings.auth.tokenUri)
  }
  const catalog = restCatalog({
    name,
    settings: restSettings(settings, connection),
    storage: access ? [access] : [],
    mappings: settings.mappings,
    log: services.log,
    metadataCache: services.metadataCache,
    responsePool: services.responsePool,
    storeForAll: (accesses, mappings) => services.stores.storeForAll(accesses, mappings),
    outbox: databaseOutbox(services.database),
    ...(retryPolicy && { retryPolicy }),
  })
  return { ...catalog, findS3Access: s3AccessFinder(settings.storage) }
}

/** A read-only store of the connection's own storage, or null. */
export function openConnectionStore(stores: Stores, { settings, secrets }: ConnectionWithSecrets) {
  if (settings.storage === null) return null
  return stores.storeForAll([storageAccess(settings.storage, secrets, true)], settings.mappings)
}

/**
 * A read-only store of one folder, with the credentials that a connection has for its own files. The roots of the
 * connection do not limit it: the operator named the folder.
 *
 * @throws {AppError} invalid-request when the connection has no credentials for such a folder; forbidden for addresses
 * that connections may not reach
 */
export async function openFolderWithConnection(
  services: Pick<CatalogServices, 'config' | 'stores'>,
  { name, settings, secrets }: Omit<ConnectionWithSecrets, 'own'>,
  folder: string,
): Promise<ObjectStore> {
  const access = settings.storage && storageAccess(settings.storage, secrets, true)
  if (access === null || !isSameStorage(folder, access.roots))
    throw new AppError(
      'invalid-request',
      `The connection ${name} has no credentials for this location. An admin can set them in its storage.`,
    )
  await requireAllowedStorage(services, access)
  return services.stores.storeFor({ ...access, roots: [folder] })
}

/** Whether the roots are of the same kind of storage, and of the account, to which the credentials belong. */
function isSameStorage(folder: string, roots: readonly string[]): boolean {
  const parsed = parseLocation(folder)
  const root = parseLocation(roots[0] ?? '')
  if (parsed === null || parsed.scheme === 'file' || parsed.scheme !== root?.scheme) return false
  if (parsed.scheme !== 'azure' || root.scheme !== 'azure') return true
  return parsed.account === root.account && parsed.cloud === root.cloud
}

/**
 * Every reader of a table may know the location of its store, because their engines need it. The endpoint contains no
 * user name or password, see `normalizeAddress`.
 */
function s3AccessFinder(storage: ConnectionStorage | null): NonNullable<CatalogClient['findS3Access']> {
  if (storage?.kind !== 's3') return () => null
  const { roots, endpoint, region, isPathStyle } = storage
  return (location) => (rootLength(location, roots) !== null ? { endpoint, region, isPathStyle } : null)
}

function restSettings(settings: RestConnection, { secrets, own }: ConnectionWithSecrets): RestSettings {
  const { uri, warehouse, prefix, delegation, headerNames } = settings
  return {
    uri,
    warehouse,
    prefix,
    delegation,
    auth: own === null ? sharedAuth(settings.auth, secrets) : ownAuth(settings.auth, own),
    headers: Object.fromEntries(headerNames.map((name) => [name, secrets[headerSecretName(name)] ?? ''])),
  }
}

function sharedAuth(auth: ConnectionAuth, secrets: Secrets): RestAuth {
  switch (auth.kind) {
    case 'none':
      return auth
    case 'bearer':
      return { kind: 'bearer', token: secrets['token'] ?? '' }
    case 'oauth2':
      return { ...auth, clientSecret: secrets['clientSecret'] ?? '' }
    case 'basic':
      return { ...auth, password: secrets['password'] ?? '' }
    case 'sigv4':
      return {
        ...auth,
        credentials: awsCredentials(auth.credentials, secrets['secretAccessKey'], secrets['sessionToken']),
      }
  }
}

/** The person provides only the identity and the secret. The connection defines where and how to sign in. */
function ownAuth(auth: ConnectionAuth, { identity, secret }: OwnCredentialsSecret): RestAuth {
  switch (auth.kind) {
    case 'none':
      return auth
    case 'bearer':
      return { kind: 'bearer', token: secret }
    case 'oauth2':
      return { ...auth, clientId: identity, clientSecret: secret }
    case 'basic':
      return { kind: 'basic', username: identity ?? '', password: secret }
    case 'sigv4':
      return { ...auth, credentials: { kind: 'keys', accessKeyId: identity ?? '', secretAccessKey: secret } }
  }
}

function awsCredentials(
  credentials: { kind: 'chain'; profile: string | null } | { kind: 'keys'; accessKeyId: string },
  secretAccessKey = '',
  sessionToken?: string,
) {
  if (credentials.kind === 'chain') {
    return { kind: 'chain' as const, ...(credentials.profile !== null && { profile: credentials.profile }) }
  }
  const { accessKeyId } = credentials
  return { kind: 'keys' as const, accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
}

function storageAccess(storage: ConnectionStorage, secrets: Secrets, isReadOnly: boolean): StorageAccess {
  const { roots } = storage
  switch (storage.kind) {
    case 'local':
      return { kind: 'local', roots, isReadOnly }
    case 's3': {
      const { endpoint, region, isPathStyle, credentials } = storage
      const storageCredentials: S3Credentials =
        credentials.kind === 'anonymous'
          ? credentials
          : awsCredentials(credentials, secrets['storageSecretAccessKey'], secrets['storageSessionToken'])
      return { kind: 's3', roots, endpoint, region, isPathStyle, credentials: storageCredentials, isReadOnly }
    }
    case 'azure': {
      const { endpoint, credentials } = storage
      return { kind: 'azure', roots, endpoint, credentials: azureCredentials(credentials, secrets), isReadOnly }
    }
    case 'gcs': {
      const { endpoint, credentials } = storage
      const storageCredentials: GcsCredentials =
        credentials.kind === 'service-account'
          ? { ...credentials, serviceAccountKey: secrets['storageServiceAccountKey'] ?? '' }
          : credentials
      return { kind: 'gcs', roots, endpoint, credentials: storageCredentials, isReadOnly }
    }
  }
}

function azureCredentials(
  credentials: Extract<ConnectionStorage, { kind: 'azure' }>['credentials'],
  secrets: Secrets,
): AzureCredentials {
  switch (credentials.kind) {
    case 'account-key':
      return { kind: 'account-key', accountKey: secrets['storageAccountKey'] ?? '' }
    case 'sas':
      return { kind: 'sas', token: secrets['storageSas'] ?? '' }
    case 'client-secret':
      return { ...credentials, clientSecret: secrets['storageClientSecret'] ?? '' }
    case 'anonymous':
      return credentials
  }
}

async function requireAllowedStorage(
  services: Pick<CatalogServices, 'config' | 'stores'>,
  access: StorageAccess,
): Promise<void> {
  if (access.kind === 'local') {
    // A root may be a link that leads out of the allowed folders. The store of the allowed folders resolves links.
    const allowedFolders = services.stores.storeForAll(
      [{ kind: 'local', roots: services.config.localRoots, isReadOnly: true }],
      [],
    )
    for (const root of access.roots) await allowedFolders.hasFiles(root)
    return
  }
  if (access.endpoint !== null) await requireAllowedAddress(access.endpoint)
  const { credentials } = access
  if (credentials.kind === 'client-secret' && credentials.authority !== null) {
    await requireAllowedAddress(credentials.authority)
  }
}

async function requireAllowedAddress(address: string): Promise<void> {
  const url = new URL(normalizeAddress(address, 'The address'))
  await resolveAddresses(url).catch((error: unknown) => {
    // A host name that does not resolve is harmless here; the first request to the catalog reports it.
    if (error instanceof AppError) throw error
  })
}
