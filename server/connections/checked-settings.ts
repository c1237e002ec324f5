import 'server-only'
import type { ConnectionSettings, ConnectionStorage } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import { config } from '@/server/config'
import { localPathOf } from '@/server/storage/location-gate'
import { checkedAddress } from './addresses'

/** Headers that the login or the protocol itself sends. */
const OWN_HEADERS = new Set(['host', 'content-length', 'content-type', 'connection', 'transfer-encoding', 'cookie'])
const S3_ROOT = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^?#]*)?$/

/**
 * Settings as they are kept: addresses without a slash at the end, roots inside what this machine allows.
 *
 * @throws {AppError} invalid-request naming what cannot be, forbidden for places connections may not reach
 */
export function checkedSettings(settings: ConnectionSettings): ConnectionSettings {
  if (settings.kind === 'files') {
    const names = settings.tables.map(({ namespace, table }) => JSON.stringify([namespace, table]))
    const twice = settings.tables.find((_, i) => names.indexOf(names[i] ?? '') !== i)
    if (twice) {
      throw new AppError('invalid-request', `The table ${[...twice.namespace, twice.table].join('.')} is listed twice.`)
    }
    return { ...settings, storage: checkedStorage(settings.storage) }
  }
  const { auth, headerNames } = settings
  const taken = headerNames.find((name) => OWN_HEADERS.has(name.toLowerCase()))
  if (taken !== undefined) throw new AppError('invalid-request', `The header ${taken} is sent by Lakeshore itself.`)
  if (auth.kind !== 'none' && headerNames.some((name) => name.toLowerCase() === 'authorization')) {
    throw new AppError('invalid-request', 'The login sends the header authorization already: choose one of the two.')
  }
  if (settings.ownCredentials !== 'off' && !takesOwnCredentials(settings)) {
    throw new AppError('invalid-request', 'With this login nobody can have credentials of their own.')
  }
  return {
    ...settings,
    uri: checkedAddress(settings.uri, 'The address'),
    auth:
      auth.kind === 'oauth2' && auth.tokenUri !== null
        ? { ...auth, tokenUri: checkedAddress(auth.tokenUri, 'The token address') }
        : auth,
    storage: settings.storage && checkedStorage(settings.storage),
  }
}

/** Whether the login is one that a person can do as themselves. */
export function takesOwnCredentials({ auth }: Extract<ConnectionSettings, { kind: 'rest' }>): boolean {
  return auth.kind !== 'none'
}

function checkedStorage(storage: ConnectionStorage): ConnectionStorage {
  if (storage.kind === 'local') {
    return { ...storage, roots: storage.roots.map(checkedFolder) }
  }
  for (const root of storage.roots) {
    if (!S3_ROOT.test(root) || root.split('/').includes('..')) {
      throw new AppError('invalid-request', `${root} is no s3://bucket or s3://bucket/prefix.`)
    }
  }
  return {
    ...storage,
    roots: storage.roots.map((root) => root.replace(/\/+$/, '')),
    endpoint: storage.endpoint === null ? null : checkedAddress(storage.endpoint, 'The endpoint of the storage'),
  }
}

function checkedFolder(root: string): string {
  const { localRoots } = config()
  if (localRoots.length === 0) {
    throw new AppError(
      'forbidden',
      'Connections may reach no folder of this machine. Whoever runs Lakeshore can name some in LAKESHORE_LOCAL_ROOTS.',
    )
  }
  try {
    return `file://${localPathOf(root, localRoots)}`
  } catch (cause) {
    throw new AppError('forbidden', `${root} is in no folder that LAKESHORE_LOCAL_ROOTS names.`, { cause })
  }
}
