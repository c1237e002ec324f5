import 'server-only'
import { joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Config } from '@/server/config/config'

/**
 * What a client needs to know to reach a table's files in an S3 store: where the store is, and, when the client asks
 * for it, that each request is to be signed here. Never a key.
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
  const delegation = headers.get('x-iceberg-access-delegation')?.split(',') ?? []
  const isSigned = delegation.some((way) => way.trim() === 'remote-signing')
  const path = [catalog, 'namespaces', joinNamespace(namespace), 'tables', table, 'sign'].map(encodeURIComponent)
  return {
    'client.region': storage.region,
    's3.region': storage.region,
    ...(storage.endpoint !== null && { 's3.endpoint': storage.endpoint }),
    's3.path-style-access': String(storage.isPathStyle),
    ...(isSigned && {
      's3.remote-signing-enabled': 'true',
      's3.signer.uri': `${publicUrl}/iceberg`,
      's3.signer.endpoint': `v1/${path.join('/')}`,
      // PyIceberg's words for the same: its own reading of S3, by PyArrow, cannot have requests signed.
      's3.signer': 'S3V4RestSigner',
      'py-io-impl': 'pyiceberg.io.fsspec.FsspecFileIO',
    }),
  }
}
