import 'server-only'
import type { ConnectionSettings, ConnectionStorage, RestConnection } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'
import { requireLocalPath, parseLocation } from '@/server/locations/location-gate'
import { normalizeAddress } from '@/server/credentials/addresses'

/** Headers that the authentication or the protocol itself sends. */
const RESERVED_HEADERS = new Set([
  'host',
  'content-length',
  'content-type',
  'connection',
  'transfer-encoding',
  'cookie',
])
const GCS_ROOT = /^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](\/[^?#]*)?$/
const AWS_REGION = /^[a-z0-9-]{1,40}$/
const S3_ROOT = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^?#]*)?$/

/**
 * Settings in their stored form: URLs without a trailing slash, allowed locations within those of this machine.
 *
 * @throws {AppError} invalid-request naming the invalid setting, forbidden for locations that connections may not reach
 */
export function normalizeSettings(config: Config, settings: ConnectionSettings): ConnectionSettings {
  if (settings.kind === 'files') {
    const names = settings.tables.map(({ namespace, table }) => JSON.stringify([namespace, table]))
    const duplicate = settings.tables.find((_, i) => names.indexOf(names[i] ?? '') !== i)
    if (duplicate) {
      throw new AppError(
        'invalid-request',
        `The table ${[...duplicate.namespace, duplicate.table].join('.')} is listed twice.`,
      )
    }
    return { ...settings, storage: normalizeStorage(config, settings.storage) }
  }
  const { auth, headerNames } = settings
  const reservedHeader = headerNames.find((name) => RESERVED_HEADERS.has(name.toLowerCase()))
  if (reservedHeader !== undefined)
    throw new AppError('invalid-request', `Lakeshore itself sends the header ${reservedHeader}. Remove it.`)
  if (auth.kind !== 'none' && headerNames.some((name) => name.toLowerCase() === 'authorization')) {
    throw new AppError(
      'invalid-request',
      'The authentication already sends the header authorization. Remove the header or choose no authentication.',
    )
  }
  if (settings.ownCredentials !== 'off' && !canHaveOwnCredentials(settings)) {
    throw new AppError('invalid-request', 'This authentication does not allow users to have their own credentials.')
  }
  requireUsableSearchCredentials(settings)
  return {
    ...settings,
    uri: normalizeAddress(settings.uri, 'The URL'),
    auth:
      auth.kind === 'oauth2' && auth.tokenUri !== null
        ? { ...auth, tokenUri: normalizeAddress(auth.tokenUri, 'The token URL') }
        : auth,
    storage: settings.storage && normalizeStorage(config, settings.storage),
  }
}

function requireUsableSearchCredentials({ auth, ownCredentials, searchCredentials }: RestConnection): void {
  if (!searchCredentials) return
  if (ownCredentials === 'off') {
    throw new AppError(
      'invalid-request',
      'Only a connection whose users have their own credentials can have credentials for search.',
    )
  }
  if (auth.kind !== 'bearer' && searchCredentials.identity === null) {
    throw new AppError(
      'invalid-request',
      'The credentials for search need a user name, client id or access key id in addition to the secret.',
    )
  }
}

/** Whether users can log in as themselves with this kind of authentication. */
export function canHaveOwnCredentials({ auth }: Extract<ConnectionSettings, { kind: 'rest' }>): boolean {
  return auth.kind !== 'none'
}

function normalizeStorage(config: Config, storage: ConnectionStorage): ConnectionStorage {
  switch (storage.kind) {
    case 'local':
      return { ...storage, roots: storage.roots.map((root) => normalizeFolder(config, root)) }
    case 's3':
      // The region is part of AWS's host name; other stores choose their region names freely.
      if (storage.endpoint === null && !AWS_REGION.test(storage.region)) {
        throw new AppError('invalid-request', `${storage.region} is not an AWS region, such as eu-central-1.`)
      }
      return {
        ...storage,
        roots: storage.roots.map((root) => normalizeRoot(root, S3_ROOT, 's3://bucket or s3://bucket/prefix')),
        endpoint: normalizeEndpoint(storage.endpoint),
      }
    case 'gcs':
      return {
        ...storage,
        roots: storage.roots.map((root) => normalizeRoot(root, GCS_ROOT, 'gs://bucket or gs://bucket/prefix')),
        endpoint: normalizeEndpoint(storage.endpoint),
      }
    case 'azure': {
      const { credentials } = storage
      return {
        ...storage,
        roots: normalizeAzureRoots(storage.roots),
        endpoint: normalizeEndpoint(storage.endpoint),
        credentials:
          credentials.kind === 'client-secret' && credentials.authority !== null
            ? { ...credentials, authority: normalizeAddress(credentials.authority, 'The authority URL') }
            : credentials,
      }
    }
  }
}

/** The endpoint and the secret belong to one account. */
function normalizeAzureRoots(roots: readonly string[]): string[] {
  const accounts = new Set<string>()
  const normalized = roots.map((root) => {
    const parsed = /[?#]/.test(root) ? null : parseLocation(root)
    if (parsed?.scheme !== 'azure') {
      throw new AppError(
        'invalid-request',
        `${root} is not abfss://container@account.dfs.core.windows.net or abfss://…/prefix.`,
      )
    }
    accounts.add(`${parsed.account}.${parsed.cloud}`)
    return root.replace(/\/+$/, '')
  })
  if (accounts.size > 1) {
    throw new AppError(
      'invalid-request',
      'The allowed locations are in several storage accounts. Create a connection for each account.',
    )
  }
  return normalized
}

/** @param example how allowed locations of this kind are written, for the error message */
function normalizeRoot(root: string, pattern: RegExp, example: string): string {
  if (pattern.test(root) && !root.split('/').includes('..')) return root.replace(/\/+$/, '')
  throw new AppError('invalid-request', `${root} does not have the form ${example}.`)
}

function normalizeEndpoint(endpoint: string | null): string | null {
  return endpoint === null ? null : normalizeAddress(endpoint, 'The endpoint of the storage')
}

function normalizeFolder(config: Config, root: string): string {
  const { localRoots } = config
  if (localRoots.length === 0) {
    throw new AppError(
      'forbidden',
      'Connections may not read folders of this machine. The operator of Lakeshore can allow some in LAKESHORE_LOCAL_ROOTS.',
    )
  }
  try {
    return `file://${requireLocalPath(root, localRoots)}`
  } catch (cause) {
    throw new AppError('forbidden', `${root} is not in a folder that LAKESHORE_LOCAL_ROOTS allows.`, { cause })
  }
}
