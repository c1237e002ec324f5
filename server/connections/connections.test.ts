import { beforeEach, describe, expect, test } from 'vitest'
import type { ConnectionSettings, RestConnection } from '@/lib/contract/connections'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { rawQuery } from '@/testing/databases/test-sql'
import { type Actor, actorFor } from '@/server/auth/actor'
import { listCatalogEntries } from '@/server/metrics/lake/catalog-entries'
import { listAudit } from '@/server/db/audit-list'
import { findUserCredentials } from '@/server/db/catalog/connection-credentials'
import { findConnection, findConnectionByName, saveTestResult, readConnections } from '@/server/db/catalog/connections'
import {
  addConnection,
  changeConnection,
  listConnectionEntries,
  removeConnection,
  requireConnection,
} from './connections'
import {
  bindOwnCredentials,
  unbindOwnCredentials,
  unsealOwnCredentials,
  listOwnCredentials,
} from '@/server/credentials/own-credentials'
import { unsealSecrets } from '@/server/credentials/secrets'

const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: '/srv/tables' })

const SECRET = 'hunter2-the-client-secret'
const REST: RestConnection = {
  kind: 'rest',
  uri: 'https://catalog.example/api/',
  warehouse: 'lake',
  prefix: null,
  auth: { kind: 'oauth2', tokenUri: null, clientId: 'lakeshore', scope: null, audience: null, resource: null },
  headerNames: ['X-Realm'],
  delegation: 'vended-credentials',
  storage: null,
  mappings: [],
  ownCredentials: 'allowed',
}
const SECRETS = { clientSecret: SECRET, 'header:x-realm': 'hunter2-realm' }

let actor: Actor
let context: { actor: Actor; requestId: string }
beforeEach(async () => {
  const { userId, username } = await signInAs(home.services, 'admin')
  actor = actorFor({ userId, username, role: 'admin' })
  context = { actor, requestId: 'r1' }
  for (const { connectionId, name } of await readConnections(home.database))
    await removeConnection(home.database, connectionId, name, context)
})

const addTestConnection = (
  overrides: { name?: string; settings?: Partial<RestConnection>; secrets?: Record<string, string> } = {},
) =>
  addConnection(
    home.services,
    {
      name: overrides.name ?? 'prod',
      settings: { ...REST, ...overrides.settings },
      secrets: overrides.secrets ?? SECRETS,
    },
    context,
  )
const change = (id: string, settings: ConnectionSettings, secrets: Record<string, string> = {}, version = 1) =>
  changeConnection(home.services, id, { name: 'prod', settings, secrets, version }, context)
const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })

describe('A connection', () => {
  test('is stored with its secrets sealed, and returned without them', async () => {
    const connectionId = await addTestConnection()
    const [entry] = await listConnectionEntries(home.database)
    expect(entry).toMatchObject({
      connectionId,
      name: 'prod',
      settings: { uri: 'https://catalog.example/api' },
      storedSecrets: ['clientSecret', 'header:x-realm'],
      version: 1,
      createdBy: actor.username,
      lastTest: null,
    })
    expect(unsealSecrets(home.config, await requireConnection(home.database, connectionId))).toEqual(SECRETS)
    const everything = JSON.stringify([
      entry,
      await listAudit(home.database, { limit: 9 }),
      await home.database.read(rawQuery('SELECT * FROM connections')),
    ])
    expect(everything).not.toContain('hunter2')
  })

  test('has a label that the list of catalogs has, too, and that a change can remove', async () => {
    const label = { text: 'production', color: 'clay' } as const
    const connectionId = await addTestConnection({ settings: { label } })
    const list = async (hasContents: boolean) =>
      (
        await listCatalogEntries(home.services, actor, {
          signal: AbortSignal.timeout(60_000),
          requestId: 'r1',
          hasContents,
        })
      ).map((entry) => [entry.name, entry.label])
    expect(await list(false)).toEqual([
      ['local', undefined],
      ['prod', label],
    ])
    expect(await list(true)).toEqual(await list(false))
    await change(connectionId, REST)
    expect(await list(false)).toContainEqual(['prod', undefined])
  })

  test('is audited: the old and the new settings, and which secrets are new', async () => {
    const connectionId = await addTestConnection()
    await change(connectionId, { ...REST, warehouse: 'other' }, { clientSecret: 'hunter2-new' })
    await removeConnection(home.database, connectionId, 'prod', context)
    const common = { table: null, namespace: null, requestId: 'r1', actor: { username: actor.username } }
    const [removed, changed, added] = await listAudit(home.database, { limit: 3 })
    expect(added).toMatchObject({
      ...common,
      action: 'add-connection',
      before: null,
      after: { connection: { name: 'prod', changedSecrets: ['clientSecret', 'header:x-realm'] } },
    })
    expect(changed).toMatchObject({
      ...common,
      action: 'change-connection',
      before: { connection: { settings: { warehouse: 'lake' } } },
      after: { connection: { settings: { warehouse: 'other' }, changedSecrets: ['clientSecret'] } },
    })
    expect(removed).toMatchObject({ ...common, action: 'remove-connection', after: null })
  })

  test('has a unique name regardless of case, which is not that of the embedded catalog', async () => {
    await addTestConnection()
    await expect(addTestConnection()).rejects.toThrow(errorWithCode('already-exists'))
    await expect(addTestConnection({ name: 'PROD' })).rejects.toThrow(errorWithCode('already-exists'))
    await expect(addTestConnection({ name: 'Local' })).rejects.toThrow(errorWithCode('already-exists'))
    const other = await addTestConnection({ name: 'other' })
    await expect(change(other, REST)).rejects.toThrow(errorWithCode('already-exists'))
    expect((await findConnectionByName(home.database, 'pRoD'))?.name).toBe('prod')
  })

  test('that another admin changed since it was read is not changed', async () => {
    const connectionId = await addTestConnection()
    expect(await change(connectionId, REST)).toBe(2)
    await expect(change(connectionId, REST)).rejects.toMatchObject({
      code: 'version-conflict',
      message: expect.stringContaining(`${actor.username} changed this connection`),
      facts: { versionNow: 2, changedBy: actor.username },
    })
    await expect(change('none', REST)).rejects.toThrow(errorWithCode('not-found'))
  })

  test('is removed when its name is confirmed', async () => {
    const connectionId = await addTestConnection()
    await expect(removeConnection(home.database, connectionId, 'pro', context)).rejects.toThrow(
      errorWithCode('invalid-request'),
    )
    await removeConnection(home.database, connectionId, 'prod', context)
    expect(await findConnection(home.database, connectionId)).toBeNull()
    await expect(removeConnection(home.database, connectionId, 'prod', context)).rejects.toThrow(
      errorWithCode('not-found'),
    )
  })

  test('forgets the test result when it changes, and ignores a test of its old settings', async () => {
    const connectionId = await addTestConnection()
    const first = await requireConnection(home.database, connectionId)
    const found = { atMs: 1, steps: [{ step: 'address' as const, state: 'ok' as const, detail: 'answers' }] }
    await saveTestResult(home.database, first, found, [])
    expect((await requireConnection(home.database, connectionId)).lastTest).toEqual(found)
    await change(connectionId, REST)
    expect((await requireConnection(home.database, connectionId)).lastTest).toBeNull()
    await saveTestResult(home.database, first, found, [])
    expect((await requireConnection(home.database, connectionId)).lastTest).toBeNull()
  })
})

describe('A secret', () => {
  test('stays when a change does not name it, and goes with the setting that required it', async () => {
    const connectionId = await addTestConnection()
    await change(connectionId, { ...REST, warehouse: 'other' })
    expect(unsealSecrets(home.config, await requireConnection(home.database, connectionId))).toEqual(SECRETS)
    await change(connectionId, { ...REST, headerNames: [] }, { clientSecret: 'new' }, 2)
    expect(unsealSecrets(home.config, await requireConnection(home.database, connectionId))).toEqual({
      clientSecret: 'new',
    })
  })

  test.each([
    ['the catalog has another URL', { uri: 'https://evil.example' }],
    ['the token server has another URL', { auth: { ...REST.auth, tokenUri: 'https://evil.example' } }],
    ['https is replaced by http', { uri: 'http://catalog.example/api' }],
  ] as [string, Partial<RestConnection>][])('is required again when %s', async (_why, settings) => {
    const connectionId = await addTestConnection()
    await expect(change(connectionId, { ...REST, ...settings })).rejects.toThrow(errorWithCode('invalid-request'))
    await change(connectionId, { ...REST, ...settings }, { clientSecret: 'new', 'header:x-realm': 'new' })
  })

  test('of the storage is not sent to another endpoint', async () => {
    const storage = {
      kind: 's3' as const,
      roots: ['s3://lake'],
      endpoint: 'https://minio.example',
      region: 'us-east-1',
      isPathStyle: true,
      credentials: { kind: 'keys' as const, accessKeyId: 'AKIA' },
    }
    const connectionId = await addTestConnection({
      settings: { storage },
      secrets: { ...SECRETS, storageSecretAccessKey: 'hunter2-s3' },
    })
    const moved = { ...REST, storage: { ...storage, endpoint: 'https://evil.example' } }
    await expect(change(connectionId, moved)).rejects.toThrow(/“Secret access key of the storage”/)
    await change(connectionId, { ...REST, storage: { ...storage, roots: ['s3://lake/more'] } })
    expect(unsealSecrets(home.config, await requireConnection(home.database, connectionId))).toMatchObject({
      storageSecretAccessKey: 'hunter2-s3',
    })
  })

  test('of an Azure account is not sent to another account, endpoint or token server', async () => {
    const credentials = { kind: 'client-secret' as const, tenantId: 't', clientId: 'c', authority: null }
    const roots = ['abfss://lake@acme.dfs.core.windows.net']
    const storage = { kind: 'azure' as const, roots, endpoint: null, credentials }
    const secrets = { ...SECRETS, storageClientSecret: 'hunter2-azure' }
    const connectionId = await addTestConnection({ settings: { storage }, secrets })
    for (const moved of [
      { ...storage, roots: ['abfss://lake@evil.dfs.core.windows.net'] },
      { ...storage, roots: ['abfss://lake@acme.dfs.core.usgovcloudapi.net'] },
      { ...storage, endpoint: 'https://evil.example' },
      { ...storage, credentials: { ...credentials, authority: 'https://evil.example' } },
    ]) {
      await expect(change(connectionId, { ...REST, storage: moved })).rejects.toThrow(/“Client secret of the storage”/)
    }
    await change(connectionId, { ...REST, storage: { ...storage, roots: [`${roots[0]}/more/`] } })
    const stored = await requireConnection(home.database, connectionId)
    expect(unsealSecrets(home.config, stored)).toMatchObject({ storageClientSecret: 'hunter2-azure' })
    expect(stored.settings.storage?.roots).toEqual([`${roots[0]}/more`])
    const sas = { ...REST, storage: { ...storage, credentials: { kind: 'sas' as const } } }
    await expect(change(connectionId, sas, {}, 2)).rejects.toThrow(/“Shared access signature”/)
  })

  test('of Google’s store is not sent to another endpoint', async () => {
    const credentials = { kind: 'service-account' as const }
    const storage = { kind: 'gcs' as const, roots: ['gs://lake/'], endpoint: null, credentials }
    await expect(addTestConnection({ settings: { storage } })).rejects.toThrow(/“Service account key”/)
    const secrets = { ...SECRETS, storageServiceAccountKey: 'hunter2-google' }
    const connectionId = await addTestConnection({ settings: { storage }, secrets })
    const moved = { ...REST, storage: { ...storage, endpoint: 'https://evil.example' } }
    await expect(change(connectionId, moved)).rejects.toThrow(/“Service account key”/)
    await change(connectionId, { ...REST, storage: { ...storage, roots: ['gs://lake/more'] } })
    const stored = await requireConnection(home.database, connectionId)
    expect(unsealSecrets(home.config, stored)).toMatchObject({ storageServiceAccountKey: 'hunter2-google' })
    await change(connectionId, { ...REST, storage: { ...storage, credentials: { kind: 'machine' } } }, {}, 2)
    expect(unsealSecrets(home.config, await requireConnection(home.database, connectionId))).not.toHaveProperty(
      'storageServiceAccountKey',
    )
  })

  test('of a session goes with its key: a new key or another endpoint drops the old token', async () => {
    const who = { kind: 'keys' as const, accessKeyId: 'ASIA' }
    const auth = { kind: 'sigv4' as const, region: 'eu-west-1', service: 'glue', credentials: who }
    const endpoint = 'https://minio.example'
    const s3 = { kind: 's3' as const, roots: ['s3://lake'], endpoint, region: 'us-east-1', isPathStyle: true }
    const storage = { ...s3, credentials: who }
    const settings = { ...REST, auth, headerNames: [], storage }
    const login = { secretAccessKey: 'passing', sessionToken: 'passing' }
    const opener = { storageSecretAccessKey: 'passing', storageSessionToken: 'passing' }
    const connectionId = await addTestConnection({ settings, secrets: { ...login, ...opener } })
    const stored = async () => unsealSecrets(home.config, await requireConnection(home.database, connectionId))

    await change(connectionId, { ...settings, warehouse: 'other' })
    expect(await stored()).toEqual({ ...login, ...opener })
    await change(connectionId, settings, { storageSecretAccessKey: 'lasting' }, 2)
    expect(await stored()).toEqual({ ...login, storageSecretAccessKey: 'lasting' })
    const moved = { ...settings, uri: 'https://other.example' }
    await expect(change(connectionId, moved, {}, 3)).rejects.toThrow(/Enter “Secret access key” again/)
    await change(connectionId, moved, { secretAccessKey: 'lasting' }, 3)
    expect(await stored()).toEqual({ secretAccessKey: 'lasting', storageSecretAccessKey: 'lasting' })
    await change(connectionId, moved, { ...login, ...opener }, 4)
    expect(await stored()).toEqual({ ...login, ...opener })
  })

  test('that is missing or not expected is named', async () => {
    await expect(addTestConnection({ secrets: {} })).rejects.toThrow(/“Client secret”/)
    await expect(addTestConnection({ secrets: { ...SECRETS, password: 'x' } })).rejects.toThrow(/password/)
  })
})

describe('A user’s own credentials', () => {
  const login = { identity: 'ann', secret: 'hunter2-of-ann' }

  test('are stored sealed for their owner, and listed only as being there', async () => {
    const connectionId = await addTestConnection()
    expect(await listOwnCredentials(home.database, actor)).toEqual([
      { catalog: 'prod', authKind: 'oauth2', isRequired: false, storedAtMs: null },
    ])
    const beforeMs = home.database.nowMs()
    await bindOwnCredentials(home.services, 'prod', login, context)
    const [bound] = await listOwnCredentials(home.database, actor)
    // The database’s clock is measured to within the time of a round trip.
    expect(Math.abs((bound?.storedAtMs ?? 0) - beforeMs)).toBeLessThan(60_000)
    const stored = await findUserCredentials(home.database, connectionId, actor.userId)
    if (!stored) throw new Error('nothing was stored')
    const connection = await requireConnection(home.database, connectionId)
    expect(unsealOwnCredentials(home.config, connection, actor.userId, stored)).toEqual(login)
    expect(() => unsealOwnCredentials(home.config, connection, 'bob', stored)).toThrow(
      errorWithCode('secrets-unreadable'),
    )
    expect(JSON.stringify([stored, await listAudit(home.database, { limit: 2 })])).not.toContain('hunter2')
    await unbindOwnCredentials(home.database, 'prod', context)
    expect(await listOwnCredentials(home.database, actor)).toMatchObject([{ storedAtMs: null }])
  })

  test('are deleted when they would be sent elsewhere, and with the connection', async () => {
    const connectionId = await addTestConnection()
    await bindOwnCredentials(home.services, 'prod', login, context)
    await change(connectionId, { ...REST, warehouse: 'other' })
    expect(await findUserCredentials(home.database, connectionId, actor.userId)).not.toBeNull()
    const moved = { ...REST, uri: 'https://other.example' }
    await change(connectionId, moved, { clientSecret: 'new', 'header:x-realm': 'new' }, 2)
    expect(await findUserCredentials(home.database, connectionId, actor.userId)).toBeNull()
    await bindOwnCredentials(home.services, 'prod', login, context)
    await removeConnection(home.database, connectionId, 'prod', context)
    expect(await home.database.read(rawQuery('SELECT 1 FROM connection_credentials'))).toEqual([])
  })

  test('are refused when the connection allows none, without a grant, or without a user name', async () => {
    await addTestConnection({ settings: { ownCredentials: 'off' } })
    expect(await listOwnCredentials(home.database, actor)).toEqual([])
    await expect(bindOwnCredentials(home.services, 'prod', login, context)).rejects.toThrow(
      errorWithCode('not-supported'),
    )
    await expect(bindOwnCredentials(home.services, 'none', login, context)).rejects.toThrow(errorWithCode('not-found'))
    await addTestConnection({ name: 'open' })
    await expect(bindOwnCredentials(home.services, 'open', { ...login, identity: null }, context)).rejects.toThrow(
      errorWithCode('invalid-request'),
    )
    const stranger: Actor = { ...actor, grants: [{ permission: 'table:read', resource: { catalog: 'local' } }] }
    expect(await listOwnCredentials(home.database, stranger)).toEqual([])
    await expect(bindOwnCredentials(home.services, 'open', login, { ...context, actor: stranger })).rejects.toThrow(
      errorWithCode('not-found'),
    )
  })
})

describe('Settings are refused', () => {
  test.each([
    ['a text that is not a URL', { uri: 'catalog.example' }, 'invalid-request'],
    ['a URL of another scheme', { uri: 'file:///etc/passwd' }, 'invalid-request'],
    ['a password in the URL', { uri: 'https://ann:secret@catalog.example' }, 'invalid-request'],
    ['a query in the URL', { uri: 'https://catalog.example/?token=x' }, 'invalid-request'],
    ['the metadata service of a cloud', { uri: 'http://169.254.169.254/latest' }, 'forbidden'],
    ['the same, written as IPv6', { uri: 'http://[::ffff:169.254.169.254]/' }, 'forbidden'],
    ['the same, written as a number', { uri: 'http://2852039166/' }, 'forbidden'],
    ['a link-local address', { uri: 'http://[fe80::1]/' }, 'forbidden'],
    ['a header the login sends', { headerNames: ['Authorization'] }, 'invalid-request'],
    ['a header of the protocol', { headerNames: ['Host'] }, 'invalid-request'],
    ['own credentials without a login', { auth: { kind: 'none' } }, 'invalid-request'],
    ['a folder outside the allowed ones', { storage: { kind: 'local', roots: ['file:///etc'] } }, 'forbidden'],
    [
      'a path that leads out of the allowed ones',
      { storage: { kind: 'local', roots: ['/srv/tables/../x'] } },
      'forbidden',
    ],
  ] as [string, Partial<RestConnection>, string][])('with %s', async (_what, settings, expected) => {
    await expect(addTestConnection({ settings })).rejects.toThrow(errorWithCode(expected))
  })

  test('with an invalid bucket, or an endpoint in the link-local range', async () => {
    const s3 = { kind: 's3' as const, roots: ['s3://lake'], endpoint: null, region: 'eu', isPathStyle: false }
    const anonymous = { ...s3, credentials: { kind: 'anonymous' as const } }
    for (const roots of [['lake'], ['s3://'], ['s3://lake/../other'], ['s3://lake?x']]) {
      await expect(addTestConnection({ settings: { storage: { ...anonymous, roots } } })).rejects.toThrow(
        errorWithCode('invalid-request'),
      )
    }
    const endpoint = 'http://169.254.169.254'
    await expect(addTestConnection({ settings: { storage: { ...anonymous, endpoint } } })).rejects.toThrow(
      errorWithCode('forbidden'),
    )
  })

  test('with an invalid container, or containers of two accounts', async () => {
    const storage = { kind: 'azure' as const, endpoint: null, credentials: { kind: 'anonymous' as const } }
    const lake = 'abfss://lake@acme.dfs.core.windows.net'
    for (const roots of [
      ['abfss://lake'],
      ['abfss://lake@evil.example'],
      [`${lake}/../other`],
      [`${lake}?sig=x`],
      ['s3://lake'],
      [lake, 'abfss://lake@other.dfs.core.windows.net'],
    ]) {
      await expect(addTestConnection({ settings: { storage: { ...storage, roots } } })).rejects.toThrow(
        errorWithCode('invalid-request'),
      )
    }
  })

  test('with an invalid bucket of Google’s', async () => {
    const storage = { kind: 'gcs' as const, endpoint: null, credentials: { kind: 'machine' as const } }
    for (const roots of [['lake'], ['gs://'], ['gs://lake/../other'], ['gs://lake?x'], ['s3://lake']]) {
      await expect(addTestConnection({ settings: { storage: { ...storage, roots } } })).rejects.toThrow(
        errorWithCode('invalid-request'),
      )
    }
  })

  test('with one table twice', async () => {
    const table = { namespace: ['a'], table: 't', metadataLocation: 'file:///srv/tables/t' }
    const settings: ConnectionSettings = {
      kind: 'files',
      tables: [table, table],
      storage: { kind: 'local', roots: ['/srv/tables/'] },
      mappings: [],
    }
    await expect(addConnection(home.services, { name: 'files', settings, secrets: {} }, context)).rejects.toThrow(
      /a\.t is listed twice/,
    )
    const connectionId = await addConnection(
      home.services,
      { name: 'files', settings: { ...settings, tables: [table] }, secrets: {} },
      context,
    )
    expect((await requireConnection(home.database, connectionId)).settings).toEqual({
      ...settings,
      tables: [table],
      storage: { kind: 'local', roots: ['file:///srv/tables'] },
    })
  })
})
