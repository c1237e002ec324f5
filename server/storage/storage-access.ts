import 'server-only'
import type { Reach } from '@/server/http-out/safe-address'

/**
 * How the files of a connection or of one table are reached. Holds secrets: it stays on the server, out of logs and
 * out of answers. `open-store` makes a store of it.
 */
export type StorageAccess = LocalAccess | S3Access | AzureAccess | GcsAccess

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
  /** Of an endpoint that no admin named. */
  reach?: Reach
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

export type AzureAccess = {
  kind: 'azure'
  /**
   * `abfss://container@account.dfs.core.windows.net`, or with a prefix, without a slash at the end, all of one account;
   * nothing outside them is read or written.
   */
  roots: readonly string[]
  /** Of the account, with scheme and port and, as Azurite has it, its name in the path. Null: Azure's own. */
  endpoint: string | null
  credentials: AzureCredentials
  isReadOnly?: boolean
}

export type AzureCredentials =
  /** One of the account's two keys, base64. */
  | { kind: 'account-key'; accountKey: string }
  /** A shared access signature, with or without a question mark. */
  | { kind: 'sas'; token: string; expiresAtMs?: number }
  | { kind: 'bearer'; token: string }
  /** Of an application in Microsoft Entra. `authority`: where tokens are from; null: that of the account's cloud. */
  | { kind: 'client-secret'; tenantId: string; clientId: string; clientSecret: string; authority: string | null }
  | { kind: 'anonymous' }

export type GcsAccess = {
  kind: 'gcs'
  /** `gs://bucket` or `gs://bucket/prefix`, without a slash at the end; nothing outside them is read or written. */
  roots: readonly string[]
  /** Null: Google's own. With scheme and port, without a slash at the end. */
  endpoint: string | null
  /** Of an endpoint that no admin named. */
  reach?: Reach
  credentials: GcsCredentials
  isReadOnly?: boolean
}

export type GcsCredentials =
  /** As Google gives it: JSON, with the private key in it. */
  | { kind: 'service-account'; serviceAccountKey: string }
  /** Google's application default credentials: environment, gcloud, metadata server. */
  | { kind: 'machine' }
  | { kind: 'bearer'; token: string; expiresAtMs?: number }
  | { kind: 'anonymous' }

export type S3Signer = (
  request: { method: string; url: string; region: string; headers: Readonly<Record<string, readonly string[]>> },
  options?: { signal?: AbortSignal },
) => Promise<{ url: string; headers: Readonly<Record<string, readonly string[]>> }>

/**
 * A prefix that metadata speaks of, and where the files really are: of moved or copied tables. Prefixes end at a
 * `/` of the location; the longest that fits wins. `from` need not be a URI.
 */
export type LocationMapping = { from: string; to: string }
