import 'server-only'

/** Settings of a connection to an Iceberg REST catalog. They contain secrets, see `StorageAccess`. */
export type RestSettings = {
  /** The base URL that the specification's `/v1/…` is appended to, without a slash at the end. */
  uri: string
  /** Sent to `/v1/config`; null: the catalog's default. */
  warehouse: string | null
  /** Prefix of the path; null: the one from `/v1/config`, if it has one. */
  prefix: string | null
  auth: RestAuth
  /** Sent with every request, in addition to those of `auth`. */
  headers: Readonly<Record<string, string>>
  /** The value of `X-Iceberg-Access-Delegation`; none: the connection's own storage access is used. */
  delegation: 'none' | 'vended-credentials' | 'remote-signing'
}

export type RestAuth =
  | { kind: 'none' }
  | { kind: 'bearer'; token: string }
  | {
      kind: 'oauth2'
      /** Null: `<uri>/v1/oauth/tokens`. */
      tokenUri: string | null
      clientId: string | null
      clientSecret: string
      scope: string | null
      audience: string | null
      resource: string | null
    }
  | { kind: 'basic'; username: string; password: string }
  | {
      kind: 'sigv4'
      region: string
      /** `glue`, `s3tables`, `execute-api` … */
      service: string
      credentials:
        | { kind: 'keys'; accessKeyId: string; secretAccessKey: string; sessionToken?: string }
        | { kind: 'chain'; profile?: string }
    }
