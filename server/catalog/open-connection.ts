import 'server-only'
import type { ConnectionAuth, ConnectionSettings, ConnectionStorage, RestConnection } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { config } from '@/server/config'
import { checkedAddress, resolvedAddresses } from '@/server/connections/addresses'
import type { OwnLoginSecret } from '@/server/connections/own-credentials'
import { headerSecret, type Secrets } from '@/server/connections/secrets'
import { openDatabase } from '@/server/db/open-database'
import { storeForAll } from '@/server/storage/open-store'
import type { S3Credentials, StorageAccess } from '@/server/storage/storage-access'
import type { CatalogClient } from './catalog-client'
import { filesCatalog } from './files/files-catalog'
import { restCatalog } from './rest/rest-catalog'
import type { RestAuth, RestSettings } from './rest/rest-settings'

/** A connection ready to be opened: its secrets are open, and a person's own are in the place of the shared ones. */
export type OpenedConnection = {
  name: string
  settings: ConnectionSettings
  secrets: Secrets
  own: OwnLoginSecret | null
}

/**
 * The client of a connection. Nothing is asked of the catalog yet; where it is, is looked at once more, since names
 * and folders may lead elsewhere than when the connection was made.
 *
 * @throws {AppError} forbidden for places connections may not reach
 */
export async function connectedCatalog(opened: OpenedConnection): Promise<CatalogClient> {
  const { name, settings, secrets } = opened
  const access = settings.storage && storageAccess(settings.storage, secrets, settings.kind === 'files')
  if (access) await refuseForbiddenPlaces(access)
  if (settings.kind === 'files') {
    const store = storeForAll(access ? [access] : [], settings.mappings)
    return filesCatalog({ name, tables: settings.tables, store })
  }
  await refuseForbiddenAddress(settings.uri)
  if (settings.auth.kind === 'oauth2' && settings.auth.tokenUri !== null) {
    await refuseForbiddenAddress(settings.auth.tokenUri)
  }
  return restCatalog({
    name,
    settings: restSettings(settings, opened),
    storage: access ? [access] : [],
    mappings: settings.mappings,
    storeForAll,
    writeAlongside: (statements) => openDatabase().transact(statements),
  })
}

/** A store of the connection's own storage, to look at what is in it; null where it has none. */
export function connectedStore({ settings, secrets }: OpenedConnection) {
  if (settings.storage === null) return null
  return storeForAll([storageAccess(settings.storage, secrets, true)], settings.mappings)
}

function restSettings(settings: RestConnection, { secrets, own }: OpenedConnection): RestSettings {
  const { uri, warehouse, prefix, delegation, headerNames } = settings
  return {
    uri,
    warehouse,
    prefix,
    delegation,
    auth: own === null ? sharedAuth(settings.auth, secrets) : ownAuth(settings.auth, own),
    headers: Object.fromEntries(headerNames.map((name) => [name, secrets[headerSecret(name)] ?? ''])),
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

/** Only who logs in is the person's; where and how is the connection's. */
function ownAuth(auth: ConnectionAuth, { identity, secret }: OwnLoginSecret): RestAuth {
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
  if (storage.kind === 'local') return { kind: 'local', roots: storage.roots, isReadOnly }
  const { roots, endpoint, region, isPathStyle, credentials } = storage
  const known: S3Credentials =
    credentials.kind === 'anonymous'
      ? credentials
      : awsCredentials(credentials, secrets['storageSecretAccessKey'], secrets['storageSessionToken'])
  return { kind: 's3', roots, endpoint, region, isPathStyle, credentials: known, isReadOnly }
}

async function refuseForbiddenPlaces(access: StorageAccess): Promise<void> {
  if (access.kind === 's3') {
    if (access.endpoint !== null) await refuseForbiddenAddress(access.endpoint)
    return
  }
  // A root may be a link that leads out of what is allowed: the store of the allowed folders looks through it.
  const allowed = storeForAll([{ kind: 'local', roots: config().localRoots, isReadOnly: true }], [])
  for (const root of access.roots) await allowed.hasFiles(root)
}

async function refuseForbiddenAddress(address: string): Promise<void> {
  const url = new URL(checkedAddress(address, 'The address'))
  await resolvedAddresses(url).catch((error: unknown) => {
    // A name that nobody knows leads nowhere; whoever asks the catalog is told.
    if (error instanceof AppError) throw error
  })
}
