import 'server-only'

/**
 * How the files of a connection or of one table are reached. Holds secrets: it stays on the server, out of logs and
 * out of answers. `open-store` makes a store of it.
 */
export type StorageAccess = LocalAccess | S3Access

export type LocalAccess = {
  kind: 'local'
  /** Folders as `file:///…` locations; nothing outside them is read or written. */
  roots: readonly string[]
  isReadOnly?: boolean
}

export type S3Access = {
  kind: 's3'
  /** `s3://bucket` or `s3://bucket/prefix`, without a slash at the end; nothing outside them is read or written. */
  roots: readonly string[]
  /** Null: AWS's own for the region. With scheme and port, without a slash at the end. */
  endpoint: string | null
  region: string
  /** The bucket in the path rather than in the host name, as MinIO and most others want it. */
  isPathStyle: boolean
  credentials: S3Credentials
  isReadOnly?: boolean
}

export type S3Credentials =
  | { kind: 'keys'; accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiresAtMs?: number }
  /** AWS's chain: environment, profile, web identity, container, instance. */
  | { kind: 'chain'; profile?: string }
  | { kind: 'anonymous' }
  /** Each request is signed by the catalog (REST specification, `signRequest`). */
  | { kind: 'remote-signing'; sign: S3Signer }

export type S3Signer = (
  request: { method: string; url: string; region: string; headers: Readonly<Record<string, readonly string[]>> },
  options?: { signal?: AbortSignal },
) => Promise<{ url: string; headers: Readonly<Record<string, readonly string[]>> }>

/**
 * A prefix that metadata speaks of, and where the files really are: of moved or copied tables. Prefixes end at a
 * `/` of the location; the longest that fits wins. `from` need not be a URI.
 */
export type LocationMapping = { from: string; to: string }
