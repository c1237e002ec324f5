import 'server-only'
import type { Reach } from '@/server/http-out/safe-address'

/**
 * How Lakeshore reaches the files of a connection or of one table. Contains secrets: it stays on the server, out of
 * logs and responses. `Stores` builds a store from it.
 */
export type StorageAccess = LocalAccess | S3Access | AzureAccess | GcsAccess

export type LocalAccess = {
  kind: 'local'
  /** Folders as `file:///…` locations; the store reads and writes only inside them. */
  roots: readonly string[]
  isReadOnly?: boolean
}

export type S3Access = {
  kind: 's3'
  /** `s3://bucket` or `s3://bucket/prefix`, without a trailing slash; the store reads and writes only inside them. */
  roots: readonly string[]
  /** With scheme and port, without a trailing slash. Null: AWS's own endpoint for the region. */
  endpoint: string | null
  /** For an endpoint that no admin configured. */
  reach?: Reach
  region: string
  /** Puts the bucket in the path instead of the host name, as MinIO and most other stores require. */
  isPathStyle: boolean
  credentials: S3Credentials
  isReadOnly?: boolean
}

export type S3Credentials =
  | { kind: 'keys'; accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiresAtMs?: number }
  /** AWS's default chain: environment, profile, web identity, container, instance. */
  | { kind: 'chain'; profile?: string }
  | { kind: 'anonymous' }
  /** The catalog signs each request (REST specification, `signRequest`). */
  | { kind: 'remote-signing'; sign: S3Signer }

export type AzureAccess = {
  kind: 'azure'
  /**
   * `abfss://container@account.dfs.core.windows.net`, or with a prefix, without a trailing slash, all in one account;
   * the store reads and writes only inside them.
   */
  roots: readonly string[]
  /**
   * The account's endpoint with scheme and port and, for Azurite, the account's name in the path. Null: Azure's own.
   */
  endpoint: string | null
  credentials: AzureCredentials
  isReadOnly?: boolean
}

export type AzureCredentials =
  /** One of the account's two keys, base64. */
  | { kind: 'account-key'; accountKey: string }
  /** A shared access signature, with or without the leading question mark. */
  | { kind: 'sas'; token: string; expiresAtMs?: number }
  | { kind: 'bearer'; token: string }
  /** An application in Microsoft Entra. `authority` is the token server; null: that of the account's cloud. */
  | { kind: 'client-secret'; tenantId: string; clientId: string; clientSecret: string; authority: string | null }
  | { kind: 'anonymous' }

export type GcsAccess = {
  kind: 'gcs'
  /** `gs://bucket` or `gs://bucket/prefix`, without a trailing slash; the store reads and writes only inside them. */
  roots: readonly string[]
  /** With scheme and port, without a trailing slash. Null: Google's own. */
  endpoint: string | null
  /** For an endpoint that no admin configured. */
  reach?: Reach
  credentials: GcsCredentials
  isReadOnly?: boolean
}

export type GcsCredentials =
  /** The JSON key file from Google, which contains the private key. */
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
 * Maps a prefix in the metadata to where the files actually are, for moved or copied tables. Prefixes end at a `/` of
 * the location; the longest match wins. `from` need not be a URI.
 */
export type LocationMapping = { from: string; to: string }
