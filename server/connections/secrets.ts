import 'server-only'
import type { ConnectionAuth, ConnectionSettings, ConnectionStorage } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import type { Connection } from '@/server/db/connections'
import { openText, sealText } from './seal'

/** Secrets of a connection by their names, open. They stay on the server, out of logs, errors and answers. */
export type Secrets = Readonly<Record<string, string>>

/** A secret that settings call for: whether they need it, and where it is sent or used. */
type Wanted = { isRequired: boolean; destination: string }

const HEADER = 'header:'

export function headerSecret(name: string): string {
  return HEADER + name.toLowerCase()
}

/** The secrets that go with settings, by name. Any other is not kept. */
export function secretsWanted(settings: ConnectionSettings): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  if (settings.kind === 'rest') {
    const { origin } = new URL(settings.uri)
    for (const [name, isRequired] of authSecrets(settings.auth)) {
      wanted.set(name, { isRequired, destination: loginDestination(settings.uri, settings.auth) })
    }
    for (const name of settings.headerNames) {
      wanted.set(headerSecret(name), { isRequired: true, destination: origin })
    }
  }
  if (settings.storage) {
    for (const [name, isRequired] of storageSecrets(settings.storage)) {
      wanted.set(name, { isRequired, destination: storageDestination(settings.storage) })
    }
  }
  return wanted
}

/** Where what one logs in with goes: kept credentials follow no change of it. */
export function loginDestination(uri: string, auth: ConnectionAuth): string {
  const origins = [uri, ...(auth.kind === 'oauth2' && auth.tokenUri !== null ? [auth.tokenUri] : [])]
  return JSON.stringify([auth.kind, ...origins.map((address) => new URL(address).origin)])
}

/**
 * The secrets of new settings: those given now, and of the kept ones those that go where they went before.
 *
 * @throws {AppError} invalid-request naming a secret that is missing or that would now go to another address;
 *   secrets-unreadable
 */
export function secretsFor(settings: ConnectionSettings, given: Secrets, kept: Connection | null): Secrets {
  const wanted = secretsWanted(settings)
  const unknown = Object.keys(given).find((name) => !wanted.has(name))
  if (unknown !== undefined) throw new AppError('invalid-request', `These settings have no secret named ${unknown}.`)
  const before = kept === null ? null : secretsWanted(kept.settings)
  const secrets: Record<string, string> = {}
  for (const [name, { isRequired, destination }] of wanted) {
    const value = given[name]
    const keptText = kept?.sealed[name]
    if (value !== undefined) secrets[name] = value
    else if (kept && keptText !== undefined && before?.get(name)?.destination === destination) {
      secrets[name] = openSecret(kept, name, keptText)
    } else if (keptText !== undefined) {
      throw new AppError(
        'invalid-request',
        `Give ${name} again: with these settings it would be sent to another address than before.`,
      )
    } else if (isRequired) throw new AppError('invalid-request', `These settings need the secret ${name}.`)
  }
  return secrets
}

/** @throws {AppError} secrets-unreadable */
export function openSecrets(connection: Connection): Secrets {
  return Object.fromEntries(
    Object.entries(connection.sealed).map(([name, sealed]) => [name, openSecret(connection, name, sealed)]),
  )
}

/** Sealed anew, all of them; a secret's text is never compared with a sealed one. */
export function sealSecrets(connectionId: string, secrets: Secrets): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([field, text]) => [field, sealText(text, { connectionId, field })]),
  )
}

function openSecret({ connectionId, name }: Connection, field: string, sealed: string): string {
  return openText(sealed, { connectionId, field }, name)
}

function authSecrets(auth: ConnectionAuth): [string, boolean][] {
  switch (auth.kind) {
    case 'none':
      return []
    case 'bearer':
      return [['token', true]]
    case 'oauth2':
      return [['clientSecret', true]]
    case 'basic':
      return [['password', true]]
    case 'sigv4':
      if (auth.credentials.kind === 'chain') return []
      return [
        ['secretAccessKey', true],
        ['sessionToken', false],
      ]
  }
}

function storageSecrets(storage: ConnectionStorage): [string, boolean][] {
  if (storage.kind === 'local' || storage.credentials.kind !== 'keys') return []
  return [
    ['storageSecretAccessKey', true],
    ['storageSessionToken', false],
  ]
}

function storageDestination(storage: ConnectionStorage): string {
  if (storage.kind === 'local') return 'local'
  return storage.endpoint === null ? `aws ${storage.region}` : new URL(storage.endpoint).origin
}
