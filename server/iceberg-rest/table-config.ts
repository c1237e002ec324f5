import 'server-only'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Config } from '@/server/config/config'

/** The address of an S3 store of the warehouse, for clients with keys of their own; empty for other stores. */
export function storeConfig({ storage }: Config): Record<string, string> {
  if (storage.kind !== 's3') return {}
  return {
    'client.region': storage.region,
    's3.region': storage.region,
    ...(storage.endpoint !== null && { 's3.endpoint': storage.endpoint }),
    's3.path-style-access': String(storage.isPathStyle),
  }
}

/**
 * The config that a client needs for a table's files in an S3 store: where the store is and, when the client requests
 * remote signing, where to have requests signed. It never contains a key.
 *
 * It is empty for a client that requests vended credentials only: DuckDB makes a secret of any config of a table, even
 * without keys, and prefers it to the user's own. Such a client has the address of the store from the catalog's config.
 *
 * Spec: REST `open-api`, header `X-Iceberg-Access-Delegation` and *Remote Signing Configuration*.
 */
export function tableConfig(
  config: Config,
  { catalog, namespace, table }: TableIdentifier,
  headers: Headers,
): Record<string, string> {
  const { storage, publicUrl } = config
  if (storage.kind !== 's3') return {}
  const delegation = (headers.get('x-iceberg-access-delegation') ?? '').split(',').map((mode) => mode.trim())
  const isSigned = delegation.includes('remote-signing')
  if (!isSigned && delegation.includes('vended-credentials')) return {}
  const path = [catalog, 'namespaces', joinNamespace(namespace), 'tables', table, 'sign'].map(encodeURIComponent)
  return {
    ...storeConfig(config),
    ...(isSigned && {
      's3.remote-signing-enabled': 'true',
      's3.signer.uri': `${publicUrl}/iceberg`,
      's3.signer.endpoint': `v1/${path.join('/')}`,
      // PyIceberg's properties for the same. Its default S3 reader, PyArrow, does not support remote signing.
      's3.signer': 'S3V4RestSigner',
      'py-io-impl': 'pyiceberg.io.fsspec.FsspecFileIO',
    }),
  }
}
