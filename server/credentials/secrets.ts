import 'server-only'
import type { ConnectionAuth, ConnectionSettings, ConnectionStorage } from '@/lib/contract/connections'
import { secretLabel } from '@/lib/contract/shapes/secret-labels'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'
import type { Connection } from '@/server/db/catalog/connections'
import { requireSingleAccount, accountUrl } from '@/server/storage/azure/account'
import { GCS_ENDPOINT } from '@/server/storage/gcs/gcs-url'
import { unsealText, sealText } from '@/server/credentials/seal'

/** The unsealed secrets of a connection by name. They stay on the server, out of logs, errors and responses. */
export type Secrets = Readonly<Record<string, string>>

/** A secret that settings require: the key it belongs to, if it is optional, and where it is sent or used. */
type ExpectedSecret = { keyName: string | null; destination: string }

/** A secret's name, and the name of the key without which it is useless. */
type SecretWithKey = readonly [name: string, keyName: string | null]

const HEADER_PREFIX = 'header:'
export const SEARCH_SECRET = 'searchSecret'

export function headerSecretName(name: string): string {
  return HEADER_PREFIX + name.toLowerCase()
}

/** The secrets that settings require, by name. No others are stored. */
export function expectedSecrets(settings: ConnectionSettings): Map<string, ExpectedSecret> {
  const expected = new Map<string, ExpectedSecret>()
  if (settings.kind === 'rest') {
    const { origin } = new URL(settings.uri)
    for (const [name, keyName] of authSecrets(settings.auth)) {
      expected.set(name, { keyName, destination: loginDestination(settings.uri, settings.auth) })
    }
    if (settings.searchCredentials) {
      expected.set(SEARCH_SECRET, { keyName: null, destination: loginDestination(settings.uri, settings.auth) })
    }
    for (const name of settings.headerNames) {
      expected.set(headerSecretName(name), { keyName: null, destination: origin })
    }
  }
  if (settings.storage) {
    for (const [name, keyName] of storageSecrets(settings.storage)) {
      expected.set(name, { keyName, destination: storageDestination(settings.storage) })
    }
  }
  return expected
}

/** Where login credentials are sent. Stored credentials are not sent to a new destination. */
export function loginDestination(uri: string, auth: ConnectionAuth): string {
  const origins = [uri, ...(auth.kind === 'oauth2' && auth.tokenUri !== null ? [auth.tokenUri] : [])]
  return JSON.stringify([auth.kind, ...origins.map((address) => new URL(address).origin)])
}

/**
 * The secrets of new settings: the given ones, and the stored ones that are still sent to the same destination. A
 * session token belongs to its key: unless it is given, it is dropped when the key is new or would be sent elsewhere.
 *
 * @throws {AppError} invalid-request naming a secret that is missing or would be sent to a new destination;
 *   secrets-unreadable
 */
export function resolveSecrets(
  config: Pick<Config, 'sealingKey'>,
  settings: ConnectionSettings,
  newSecrets: Secrets,
  stored: Connection | null,
): Secrets {
  const expected = expectedSecrets(settings)
  const unknown = Object.keys(newSecrets).find((name) => !expected.has(name))
  if (unknown !== undefined) throw new AppError('invalid-request', `These settings have no secret named ${unknown}.`)
  const previous = stored === null ? null : expectedSecrets(stored.settings)
  const secrets: Record<string, string> = {}
  for (const [name, { keyName, destination }] of expected) {
    const value = newSecrets[name]
    const sealedText = stored?.sealed[name]
    const hasNewKey = keyName !== null && newSecrets[keyName] !== undefined
    if (value !== undefined) secrets[name] = value
    else if (stored && sealedText !== undefined && previous?.get(name)?.destination === destination) {
      if (!hasNewKey) secrets[name] = unsealSecret(config, stored, name, sealedText)
    } else if (keyName === null && sealedText !== undefined) {
      throw new AppError(
        'invalid-request',
        `Enter “${secretLabel(name)}” again: with these settings it would be sent to another address than before.`,
      )
    } else if (keyName === null) {
      throw new AppError('invalid-request', `These settings need “${secretLabel(name)}”.`)
    }
  }
  return secrets
}

/** @throws {AppError} secrets-unreadable */
export function unsealSecrets(config: Pick<Config, 'sealingKey'>, connection: Connection): Secrets {
  return Object.fromEntries(
    Object.entries(connection.sealed).map(([name, sealed]) => [name, unsealSecret(config, connection, name, sealed)]),
  )
}

/** Seals all secrets again. A secret's text is never compared with a sealed one. */
export function sealSecrets(
  config: Pick<Config, 'sealingKey'>,
  connectionId: string,
  secrets: Secrets,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([field, text]) => [field, sealText(config, text, { connectionId, field })]),
  )
}

function unsealSecret(
  config: Pick<Config, 'sealingKey'>,
  { connectionId, name }: Connection,
  field: string,
  sealed: string,
): string {
  return unsealText(config, sealed, { connectionId, field }, name)
}

function authSecrets(auth: ConnectionAuth): readonly SecretWithKey[] {
  switch (auth.kind) {
    case 'none':
      return []
    case 'bearer':
      return [['token', null]]
    case 'oauth2':
      return [['clientSecret', null]]
    case 'basic':
      return [['password', null]]
    case 'sigv4':
      if (auth.credentials.kind === 'chain') return []
      return [
        ['secretAccessKey', null],
        ['sessionToken', 'secretAccessKey'],
      ]
  }
}

function storageSecrets(storage: ConnectionStorage): readonly SecretWithKey[] {
  switch (storage.kind) {
    case 'local':
      return []
    case 's3':
      if (storage.credentials.kind !== 'keys') return []
      return [
        ['storageSecretAccessKey', null],
        ['storageSessionToken', 'storageSecretAccessKey'],
      ]
    case 'azure':
      return AZURE_SECRETS[storage.credentials.kind].map((name) => [name, null] as const)
    case 'gcs':
      return storage.credentials.kind === 'service-account' ? [['storageServiceAccountKey', null]] : []
  }
}

const AZURE_SECRETS = {
  'account-key': ['storageAccountKey'],
  sas: ['storageSas'],
  'client-secret': ['storageClientSecret'],
  anonymous: [],
} as const

function storageDestination(storage: ConnectionStorage): string {
  switch (storage.kind) {
    case 'local':
      return 'local'
    case 's3':
      return storage.endpoint === null ? `aws ${storage.region}` : new URL(storage.endpoint).origin
    case 'azure': {
      const { endpoint, credentials } = storage
      const authority = credentials.kind === 'client-secret' ? credentials.authority : null
      return JSON.stringify([accountUrl(requireSingleAccount(storage.roots)), endpoint, authority])
    }
    case 'gcs':
      return new URL(storage.endpoint ?? GCS_ENDPOINT).origin
  }
}
