import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { registerExternally, setPropertiesExternally } from '@/testing/catalogs/external-writes'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { createTestHome } from '@/testing/homes/test-home'
import * as bearer from '@/server/auth/authenticate-bearer'
import type { JsonObject } from '@/lib/iceberg/json/json'

const s3 = new S3StandIn()
const endpoint = await s3.start()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: endpoint,
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  LAKESHORE_PUBLIC_URL: 'https://lake.example',
})
afterAll(() => s3.stop())

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
let editor: RestClient
let viewer: RestClient
beforeAll(async () => {
  ;[editor, viewer] = [
    await createRestClientAs(home.services, 'editor'),
    await createRestClientAs(home.services, 'viewer'),
  ]
  await editor('POST', 'local/namespaces', { body: { namespace: ['a'] } })
  for (const name of ['t', 'victim', 't_2']) await createTable(name)
  s3.objects.set('lake/wh/a/t/data/x', Buffer.from('rows'))
  s3.objects.set('lake/wh/a/victim/data/x', Buffer.from('secret'))
})

const createTable = (name: string, extra = {}) =>
  editor('POST', 'local/namespaces/a/tables', { body: { name, schema: SCHEMA, ...extra } })

const commit = (name: string, updates: object[]) =>
  editor('POST', `local/namespaces/a/tables/${name}`, { body: { requirements: [], updates } as JsonObject })
const setOwner = (owner: string) => ({ action: 'set-properties', updates: { owner } })

function sign(client: RestClient, table: string, method: string, path: string, extra = {}) {
  const body = { region: 'us-east-1', uri: endpoint + path, method, headers: {}, ...extra }
  return client('POST', `local/namespaces/a/tables/${table}/sign`, { body })
}

describe('A client that requests signatures', () => {
  it('gets the signing endpoint and the store’s endpoint, but no key', async () => {
    const load = (delegation: string) =>
      viewer('GET', 'local/namespaces/a/tables/t', { headers: { 'x-iceberg-access-delegation': delegation } })
    const { body } = await load('vended-credentials, remote-signing')
    expect(body['config']).toEqual({
      'client.region': 'us-east-1',
      's3.region': 'us-east-1',
      's3.endpoint': endpoint,
      's3.path-style-access': 'true',
      's3.remote-signing-enabled': 'true',
      's3.signer.uri': 'https://lake.example/iceberg',
      's3.signer.endpoint': 'v1/local/namespaces/a/tables/t/sign',
      's3.signer': 'S3V4RestSigner',
      'py-io-impl': 'pyiceberg.io.fsspec.FsspecFileIO',
    })
    expect(JSON.stringify((await load('vended-credentials')).body)).not.toMatch(/remote-signing|access-key/)
  })

  it('cannot read Lakeshore’s internal files, even when a table uses the whole warehouse for its data', async () => {
    s3.objects.set('lake/wh/.lakeshore/rejects/r.ndjson', Buffer.from('rows'))
    await createTable('whole')
    const identifier = { catalog: 'local', namespace: ['a'], table: 'whole' }
    await setPropertiesExternally(home.services, identifier, { 'write.data.path': 's3://lake/wh' })
    expect((await sign(viewer, 'whole', 'GET', '/lake/wh/other/x')).status).toBe(200)
    for (const path of ['/lake/wh/.lakeshore/rejects/r.ndjson', '/lake/?list-type=2&prefix=wh%2F.lakeshore%2F'])
      expect((await sign(viewer, 'whole', 'GET', path)).status).toBe(403)
  })

  it('can read the table’s files with the signatures', async () => {
    const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    const headers = { 'x-amz-content-sha256': [digest], 'User-Agent': ['engine'] }
    const {
      status,
      body,
      headers: responseHeaders,
    } = await sign(viewer, 't', 'GET', '/lake/wh/a/t/data/x', { headers })
    expect(status).toBe(200)
    expect(responseHeaders.get('cache-control')).toBe('no-store')
    const sent = Object.entries(body['headers'] as Record<string, string[]>).map(([name, [value = '']]) => [
      name,
      value,
    ])
    expect(await (await fetch(body['uri'] as string, { headers: Object.fromEntries(sent) })).text()).toBe('rows')
  })

  it('needs the permission for what the request does', async () => {
    const path = '/lake/wh/a/t/data/y'
    const removal = { body: '<Delete><Object><Key>wh/a/t/data/x</Key></Object></Delete>' }
    expect((await sign(viewer, 't', 'PUT', path)).status).toBe(403)
    expect((await sign(viewer, 't', 'DELETE', path)).status).toBe(403)
    expect((await sign(viewer, 't', 'POST', '/lake?delete', removal)).status).toBe(403)
    expect((await sign(editor, 't', 'PUT', path)).status).toBe(200)
    expect((await sign(editor, 't', 'DELETE', path)).status).toBe(200)
    expect((await sign(editor, 't', 'POST', '/lake?delete', removal)).status).toBe(200)
  })

  it('that may write but not remove gets no removal signed, in any disguise', async () => {
    const resource = { catalog: 'local' }
    const grants = (['catalog:read', 'table:read', 'table:write'] as const).map((permission) => ({
      permission,
      resource,
    }))
    const writer = { userId: 'w', username: 'w', role: 'viewer' as const, grants }
    const spy = vi.spyOn(bearer, 'authenticateBearer').mockResolvedValue(writer)
    try {
      expect((await sign(viewer, 't', 'PUT', '/lake/wh/a/t/data/y')).status).toBe(200)
      expect((await sign(viewer, 't', 'DELETE', '/lake/wh/a/t/data/y?uploadId=1')).status).toBe(200)
      for (const path of [
        '/lake/wh/a/t/data/y',
        '/lake/wh/a/t/data/y?uploadId=',
        '/lake/wh/a/t/data/y?x-id=uploadId',
      ]) {
        expect((await sign(viewer, 't', 'DELETE', path)).status, path).toBe(403)
      }
    } finally {
      spy.mockRestore()
    }
  })

  it.each([
    ['GET', '/lake/wh/a/victim/data/x'],
    ['GET', '/lake/wh/a/t_2/metadata/x'],
    ['GET', '/lake/wh/a/t/../victim/data/x'],
    ['GET', '/lake?list-type=2&prefix=wh/a/'],
    ['PATCH', '/lake/wh/a/t/data/x'],
    ['GET', '/lake/wh/a/t/data/x?acl'],
  ])('gets no signature for files of others: %s %s', async (method, path) => {
    const { status, body } = await sign(editor, 't', method, path)
    expect([400, 403]).toContain(status)
    expect(JSON.stringify(body)).not.toMatch(/AWS4|stack/)
  })

  it.each([
    { uri: 1 },
    { headers: { a: 'b' } },
    { headers: [] },
    { headers: { 'a b': ['c'] } },
    { body: 5 },
    { method: null },
  ])('is refused for an invalid request: %j', async (request) => {
    expect((await sign(editor, 't', 'GET', '/lake/wh/a/t/data/x', request)).status).toBe(400)
  })

  it.each(['write.data.path', 'write.object-storage.path', 'write.metadata.path'])(
    'cannot reach another table’s files by naming them in %s',
    async (property) => {
      const table = `thief_${property.replaceAll('.', '_')}`
      for (const [index, claimedLocation] of [
        's3://lake/wh/a/victim',
        's3a://lake/wh/a/victim/data',
        's3://lake/wh/a',
      ].entries()) {
        const name = `${table}${index}`
        const properties = { [property]: claimedLocation }
        expect([400, 409]).toContain((await createTable(name, { properties: properties })).status)
        expect((await createTable(name)).status).toBe(200)
        const commitClaim = () => commit(name, [{ action: 'set-properties', updates: properties }])
        expect([400, 409]).toContain((await commitClaim()).status)
        await setPropertiesExternally(home.services, { catalog: 'local', namespace: ['a'], table: name }, properties)
        // A later commit does not record these folders as its own either. For write.metadata.path there is no such
        // commit, because it would write its metadata there.
        const isData = property !== 'write.metadata.path'
        expect(isData ? (await commit(name, [setOwner('x')])).status : 200).toBe(200)
        expect((await sign(editor, 'victim', 'PUT', '/lake/wh/a/victim/data/x')).status).toBe(200)
        for (const method of ['GET', 'PUT', 'DELETE']) {
          expect((await sign(editor, name, method, '/lake/wh/a/victim/data/x')).status, claimedLocation).toBe(403)
        }
        expect((await sign(editor, name, 'GET', '/lake?prefix=wh/a/victim/')).status).toBe(403)
      }
    },
  )

  it.each([
    { action: 'set-location', location: 's3://lake/wh/a/victim' },
    { action: 'set-location', location: 's3n://lake/wh/a/victim/' },
    { action: 'set-properties', updates: { 'write.metadata.path': 's3://lake/wh/a/victim/metadata' } },
    { action: 'set-properties', updates: { 'write.metadata.path': 's3://lake/wh/a/victim/metadata/deeper' } },
  ])('cannot reach them by moving the table there: %j', async (update) => {
    await createTable('mover')
    const body = { requirements: [], updates: [update] }
    expect((await editor('POST', 'local/namespaces/a/tables/mover', { body })).status).toBe(409)
    expect((await sign(editor, 'mover', 'GET', '/lake/wh/a/victim/data/x')).status).toBe(403)
    expect((await sign(editor, 'victim', 'GET', '/lake/wh/a/victim/data/x')).status).toBe(200)
  })

  it('cannot reach them by creating a table there', async () => {
    const properties = { 'write.metadata.path': 's3://lake/wh/a/victim/metadata' }
    expect((await createTable('beginner', { properties })).status).toBe(409)
    expect((await createTable('beginner', { location: 's3a://lake/wh/a/victim/x' })).status).toBe(409)
  })

  describe('for metadata files', () => {
    const path = (location: unknown) => new URL(String(location)).pathname.replace(/^/, '/lake')
    const removal = (...keys: string[]) => ({
      body: `<Delete>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`,
    })
    let current: string
    let former: string

    beforeAll(async () => {
      former = path((await createTable('kept')).body['metadata-location'])
      current = path((await commit('kept', [setOwner('x')])).body['metadata-location'])
    })

    it('may read them, but cannot remove any that the table names, alone or with others', async () => {
      for (const file of [current, former]) {
        expect((await sign(editor, 'kept', 'GET', file)).status).toBe(200)
        expect((await sign(editor, 'kept', 'DELETE', file)).status).toBe(403)
        const among = removal('wh/a/kept/data/x', file.replace('/lake/', ''))
        expect((await sign(editor, 'kept', 'POST', '/lake?delete', among)).status).toBe(403)
      }
      expect((await sign(editor, 'kept', 'POST', '/lake?delete', removal('wh/a/kept/data/x'))).status).toBe(200)
    })

    it('cannot write any, existing or new, whole, in parts or as a copy', async () => {
      const folder = '/lake/wh/a/kept/metadata'
      const names = ['00009-x.metadata.json', '00009-x.gz.metadata.json', 'v9.metadata.json.gz', '%76.metadata.json']
      for (const file of [current, former, ...names.map((name) => `${folder}/${name}`), `${folder}//v.metadata.json`]) {
        expect((await sign(editor, 'kept', 'PUT', file)).status, file).toBe(403)
        expect((await sign(editor, 'kept', 'POST', `${file}?uploads`)).status, file).toBe(403)
        expect((await sign(editor, 'kept', 'PUT', `${file}?partNumber=1&uploadId=u`)).status, file).toBe(403)
        expect((await sign(editor, 'kept', 'POST', `${file}?uploadId=u`)).status, file).toBe(403)
        const headers = { 'x-amz-copy-source': ['lake/wh/a/kept/data/x'] }
        expect((await sign(editor, 'kept', 'PUT', file, { headers })).status, file).toBe(403)
      }
    })

    it('can write what engines write: manifests, statistics, and copies of metadata in a separate folder', async () => {
      const folder = '/lake/wh/a/kept/metadata'
      for (const name of ['snap-1.avro', 'x-m0.avro', 'x.stats', 'copy-table-staging-1/00009-x.metadata.json']) {
        expect((await sign(editor, 'kept', 'PUT', `${folder}/${name}`)).status, name).toBe(200)
        expect((await sign(editor, 'kept', 'DELETE', `${folder}/${name}`)).status, name).toBe(200)
      }
      const headers = { 'x-amz-copy-source': [current.slice(1)] }
      expect((await sign(editor, 'kept', 'PUT', '/lake/wh/a/kept/data/copy', { headers })).status).toBe(200)
    })

    it('can remove those that fell out of the log, unless another table may name them', async () => {
      await commit('kept', [{ action: 'set-properties', updates: { 'write.metadata.previous-versions-max': '1' } }])
      await commit('kept', [setOwner('y')])
      expect((await sign(editor, 'kept', 'DELETE', former)).status).toBe(200)
      expect((await sign(editor, 'kept', 'PUT', former)).status).toBe(403)
      const otherName = { catalog: 'local', namespace: ['a'], table: 'twin' }
      await registerExternally(home.database, otherName, former.replace('/lake/', 's3://lake/'))
      expect((await sign(editor, 'kept', 'DELETE', former)).status).toBe(403)
      expect((await sign(editor, 'kept', 'POST', '/lake?delete', removal(former.replace('/lake/', '')))).status).toBe(
        403,
      )
    })

    it('cannot change them in an earlier metadata folder either', async () => {
      const first = path((await createTable('moved')).body['metadata-location'])
      const to = 's3://lake/wh/elsewhere/moved'
      const update = { action: 'set-properties', updates: { 'write.metadata.path': to } }
      const second = path((await commit('moved', [update])).body['metadata-location'])
      expect(second).toContain('/wh/elsewhere/moved/')
      for (const file of [first, second, first.replace(/[^/]*$/, 'v.metadata.json')]) {
        expect((await sign(editor, 'moved', 'PUT', file)).status, file).toBe(403)
      }
      for (const file of [first, second]) expect((await sign(editor, 'moved', 'DELETE', file)).status).toBe(403)
    })
  })

  it('gets signatures for files in property folders that no other table owns', async () => {
    await createTable('spread', { properties: { 'write.data.path': 's3://lake/wh/bulk/spread' } })
    expect((await sign(editor, 'spread', 'PUT', '/lake/wh/bulk/spread/x')).status).toBe(200)
    expect((await sign(editor, 'spread', 'PUT', '/lake/wh/bulk/other/x')).status).toBe(403)
  })
})
