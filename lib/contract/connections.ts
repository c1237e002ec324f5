import * as z from 'zod'
import { endpoint } from './endpoint'
import { catalogLabel } from './shapes/catalog-label'
import { boundedRecord } from './shapes/limits'
import { CATALOG_NAME_PATTERN, CATALOG_NAME_RULE } from './shapes/plain-values'
import { contractSchemas } from './shapes/schemas'
import { confirmedName, count, entryName, instantMs, namespaceOnWire } from './shapes/wire'

/**
 * Connections: how Lakeshore reaches other catalogs. Settings contain no secret. Secrets are sent separately, by name,
 * and are never returned: a response says only which ones are stored.
 */

const text = z.string().min(1).max(2000)
const nullableText = text.nullable()

const awsCredentials = z.discriminatedUnion('kind', [
  /** From the machine Lakeshore runs on: environment, profile, web identity, container, instance. */
  z.object({ kind: z.literal('chain'), profile: nullableText }),
  /** Secrets `secretAccessKey` and, for temporary keys, `sessionToken`. */
  z.object({ kind: z.literal('keys'), accessKeyId: text }),
])

export const connectionAuth = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    /** Secret `token`. */
    z.object({ kind: z.literal('bearer') }),
    /** Client credentials; secret `clientSecret`. */
    z.object({
      kind: z.literal('oauth2'),
      /** Null: the catalog's own, `<uri>/v1/oauth/tokens`. */
      tokenUri: nullableText,
      clientId: nullableText,
      scope: nullableText,
      audience: nullableText,
      resource: nullableText,
    }),
    /** Secret `password`. */
    z.object({ kind: z.literal('basic'), username: text }),
    z.object({ kind: z.literal('sigv4'), region: text, service: text, credentials: awsCredentials }),
  ])
  .register(contractSchemas, { id: 'ConnectionAuth' })
export type ConnectionAuth = z.output<typeof connectionAuth>

const roots = z.array(text).min(1).max(20)

/** How files are reached when the catalog vends no credentials for them. */
export const connectionStorage = z
  .discriminatedUnion('kind', [
    /** Folders of the server, within those that `LAKESHORE_LOCAL_ROOTS` allows. */
    z.object({ kind: z.literal('local'), roots }),
    /** `s3://bucket` or `s3://bucket/prefix`; secrets `storageSecretAccessKey`, `storageSessionToken`. */
    z.object({
      kind: z.literal('s3'),
      roots,
      /** Null: AWS's own for the region. */
      endpoint: nullableText,
      region: text,
      isPathStyle: z.boolean(),
      credentials: z.discriminatedUnion('kind', [
        ...awsCredentials.options,
        z.object({ kind: z.literal('anonymous') }),
      ]),
    }),
    /** `abfss://container@account.dfs.core.windows.net`, optionally with a prefix, all of one account. */
    z.object({
      kind: z.literal('azure'),
      roots,
      /** The endpoint of the account; null: Azure's own. */
      endpoint: nullableText,
      credentials: z.discriminatedUnion('kind', [
        /** Secret `storageAccountKey`. */
        z.object({ kind: z.literal('account-key') }),
        /** A shared access signature; secret `storageSas`. */
        z.object({ kind: z.literal('sas') }),
        /** For an application in Microsoft Entra; secret `storageClientSecret`. */
        z.object({
          kind: z.literal('client-secret'),
          tenantId: text,
          clientId: text,
          /** Where tokens are requested; null: at the cloud of the account. */
          authority: nullableText,
        }),
        z.object({ kind: z.literal('anonymous') }),
      ]),
    }),
    /** `gs://bucket` or `gs://bucket/prefix`. */
    z.object({
      kind: z.literal('gcs'),
      roots,
      /** Null: Google's own. */
      endpoint: nullableText,
      credentials: z.discriminatedUnion('kind', [
        /** The account's key as JSON from Google: secret `storageServiceAccountKey`. */
        z.object({ kind: z.literal('service-account') }),
        /** From the machine Lakeshore runs on: Google's application default credentials. */
        z.object({ kind: z.literal('machine') }),
        z.object({ kind: z.literal('anonymous') }),
      ]),
    }),
  ])
  .register(contractSchemas, { id: 'ConnectionStorage' })
export type ConnectionStorage = z.output<typeof connectionStorage>

/** A prefix of locations in the metadata, and the actual location; the longest matching prefix wins. */
const mapping = z.object({ from: text, to: text })

export const restConnection = z
  .object({
    kind: z.literal('rest'),
    /** The base that `/v1/…` is appended to. */
    uri: text,
    /** Null: the catalog's default. */
    warehouse: nullableText,
    /** Null: the prefix from the catalog. */
    prefix: nullableText,
    auth: connectionAuth,
    /** Names of headers sent with every request; their values are the secrets `header:<name>`. */
    headerNames: z
      .array(z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'A header name has at most 64 letters, digits and -.'))
      .max(20),
    delegation: z.enum(['none', 'vended-credentials', 'remote-signing']),
    storage: connectionStorage.nullable(),
    mappings: z.array(mapping).max(50),
    /** Whether users may or must sign in to the catalog with their own credentials. */
    ownCredentials: z.enum(['off', 'allowed', 'required']),
    /**
     * The credentials with which search reads the catalog for all users when users have their own, with the secret
     * `searchSecret`. Absent: users who have or need their own credentials find names only.
     */
    searchCredentials: z
      .object({
        /** Client id, username or access key id; null for a token. */
        identity: nullableText,
      })
      .optional(),
    /** Shown with the names of its tables; absent: none. */
    label: catalogLabel.optional(),
  })
  .register(contractSchemas, { id: 'RestConnection' })
export type RestConnection = z.output<typeof restConnection>

/** Tables opened from their metadata files: read only. */
export const filesConnection = z
  .object({
    kind: z.literal('files'),
    tables: z
      .array(
        z.object({
          namespace: namespaceOnWire,
          table: text,
          /** A `*.metadata.json`, or a table's folder, in which the newest metadata file is used. */
          metadataLocation: text,
        }),
      )
      .min(1)
      .max(500),
    storage: connectionStorage,
    mappings: z.array(mapping).max(50),
    /** Shown with the names of its tables; absent: none. */
    label: catalogLabel.optional(),
  })
  .register(contractSchemas, { id: 'FilesConnection' })
export type FilesConnection = z.output<typeof filesConnection>

export const connectionSettings = z
  .discriminatedUnion('kind', [restConnection, filesConnection])
  .register(contractSchemas, { id: 'ConnectionSettings' })
export type ConnectionSettings = z.output<typeof connectionSettings>

/** New secrets by name; other stored secrets are not changed. */
/** No kind of connection has more than five. */
const MAX_SECRETS = 20
const secrets = boundedRecord(z.string().min(1).max(80), z.string().min(1).max(16_384), MAX_SECRETS)

export const TEST_STEPS = ['address', 'tls', 'login', 'warehouse', 'storage'] as const

export const connectionTest = z
  .object({
    atMs: instantMs,
    /** In the order of `TEST_STEPS`. */
    steps: z
      .array(
        z.object({
          step: z.enum(TEST_STEPS),
          state: z.enum(['ok', 'failed', 'skipped']),
          /** The result of the step and, after a failure, the remedy. */
          detail: z.string(),
        }),
      )
      .max(TEST_STEPS.length),
  })
  .register(contractSchemas, { id: 'ConnectionTest' })
export type ConnectionTest = z.output<typeof connectionTest>

export const connectionEntry = z
  .object({
    connectionId: z.string(),
    name: z.string(),
    settings: connectionSettings,
    /** Names of the stored secrets. */
    storedSecrets: z.array(z.string()),
    /** Increases with every change; sent back with the next one. */
    version: count,
    createdBy: z.string(),
    createdAtMs: instantMs,
    changedBy: z.string(),
    changedAtMs: instantMs,
    /** The last test of these settings; null when they were not tested. */
    lastTest: connectionTest.nullable(),
  })
  .register(contractSchemas, { id: 'ConnectionEntry' })
export type ConnectionEntry = z.output<typeof connectionEntry>

const connectionInput = z.object({ connection: entryName })
const name = z.string().regex(CATALOG_NAME_PATTERN, CATALOG_NAME_RULE)

export const listConnections = endpoint({
  summary: 'Lists all connections, by name',
  description: 'The embedded catalog is not a connection.',
  method: 'GET',
  path: '/api/v1/connections',
  permission: 'console:admin',
  input: z.object({}),
  output: z.object({
    connections: z.array(connectionEntry).max(200),
    /** Folders of the server that connections may read, from `LAKESHORE_LOCAL_ROOTS`. Empty: none. */
    localRoots: z.array(z.string()),
  }),
})

export const getConnection = endpoint({
  summary: 'Returns one connection',
  method: 'GET',
  path: '/api/v1/connections/:connection',
  permission: 'console:admin',
  input: connectionInput,
  output: connectionEntry,
})

export const addConnection = endpoint({
  summary: 'Adds a connection, whose name becomes the name of its catalog',
  method: 'POST',
  path: '/api/v1/connections',
  permission: 'console:admin',
  input: z.object({ name, settings: connectionSettings, secrets }),
  output: z.object({ connectionId: z.string() }),
})

export const changeConnection = endpoint({
  summary: 'Replaces the settings of a connection',
  description:
    'A stored secret is sent only to the server that it was entered for: when the address changes, the secret has to be entered again.',
  method: 'PUT',
  path: '/api/v1/connections/:connection',
  permission: 'console:admin',
  input: connectionInput.extend({ name, settings: connectionSettings, secrets, version: count }),
  output: z.object({ version: count }),
})

export const removeConnection = endpoint({
  summary: 'Removes a connection and its secrets',
  description: 'The catalog and its tables are not changed.',
  method: 'DELETE',
  path: '/api/v1/connections/:connection',
  permission: 'console:admin',
  input: connectionInput.extend({ confirmedName }),
  output: z.object({}),
})

export const testConnection = endpoint({
  summary: 'Tests a connection as it is stored, step by step, and keeps the result',
  method: 'POST',
  path: '/api/v1/connections/:connection/test',
  permission: 'console:admin',
  input: connectionInput,
  output: connectionTest,
})

export const testConnectionForm = endpoint({
  summary: 'Tests settings that are not stored',
  description:
    'Secrets that are not given are taken from `connection`, when it is named. The audit has the `name`, if there is one yet.',
  method: 'POST',
  path: '/api/v1/connection-tests',
  permission: 'console:admin',
  input: z.object({ connection: entryName.optional(), name: name.optional(), settings: connectionSettings, secrets }),
  output: connectionTest,
})

/** A catalog that users sign in to with their own credentials, and whether this user has stored any. */
export const ownCredentials = z
  .object({
    catalog: z.string(),
    /** `sigv4`: an access key. */
    authKind: z.enum(['bearer', 'oauth2', 'basic', 'sigv4']),
    /** Whether the catalog can be used only with the user's own credentials. */
    isRequired: z.boolean(),
    /** Null: the credentials of the connection are used. */
    storedAtMs: instantMs.nullable(),
  })
  .register(contractSchemas, { id: 'OwnCredentials' })
export type OwnCredentials = z.output<typeof ownCredentials>

export const listOwnCredentials = endpoint({
  summary: 'Lists the catalogs that accept the caller’s own credentials, by name',
  method: 'GET',
  path: '/api/v1/credentials',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({ credentials: z.array(ownCredentials).max(200) }),
})

export const setOwnCredentials = endpoint({
  summary: 'Stores the caller’s own credentials for a catalog',
  description: 'They are stored encrypted and used for the caller only.',
  method: 'PUT',
  path: '/api/v1/credentials/:catalog',
  permission: 'browser-session',
  input: z.object({
    catalog: entryName,
    /** Client id, username or access key id; null for a token. */
    identity: nullableText,
    secret: z.string().min(1).max(16_384),
  }),
  output: z.object({}),
})

export const removeOwnCredentials = endpoint({
  summary: 'Removes the caller’s own credentials for a catalog',
  description: 'The credentials of the connection are used again, if it has any.',
  method: 'DELETE',
  path: '/api/v1/credentials/:catalog',
  permission: 'browser-session',
  input: z.object({ catalog: entryName }),
  output: z.object({}),
})
