import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT_KEY, AzureStandIn } from '@/testing/stores/azure-stand-in'
import type { ObjectStore } from '../object-store'
import type { AzureAccess } from '../../locations/storage-access'
import { type AzureStoreOptions, azureStore } from './azure-store'

const ROOT = 'abfss://lake@acme.dfs.core.windows.net/wh'

let azure: AzureStandIn
let endpoint: string
let store: ObjectStore

beforeEach(async () => {
  azure = new AzureStandIn()
  endpoint = await azure.start()
  store = connect()
})
afterEach(() => azure.stop())

function connect(access: Partial<AzureAccess> = {}, options: AzureStoreOptions = {}): ObjectStore {
  const credentials = { kind: 'account-key', accountKey: ACCOUNT_KEY } as const
  return azureStore({ kind: 'azure', roots: [ROOT], endpoint, credentials, ...access }, { firstPauseMs: 1, ...options })
}

const locationOf = (name: string) => `${ROOT}/${name}`
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const encode = (of: string) => new TextEncoder().encode(of)
const listing = (blobs: string, next = '') =>
  `<EnumerationResults><Blobs>${blobs}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`
const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })

describe('A new blob', () => {
  test('is the same blob for every spelling of its location', async () => {
    await store.writeNew(locationOf('t/a b'), encode('x'))
    for (const prefix of ['abfs://lake@acme.dfs', 'wasbs://lake@acme.blob', 'wasb://lake@ACME.blob']) {
      expect(decode(await store.read(`${prefix}.core.windows.net/wh/t/a b`))).toBe('x')
    }
    expect([...azure.objects.keys()]).toEqual(['lake/wh/t/a b'])
  })

  test.each([4, 100_000])(
    'of %i bytes counts as written when the answer was lost but the blob is there',
    async (length) => {
      azure.faults.push({ kind: 'lose' })
      await store.writeNew(locationOf('a'), encode('m'.repeat(length)))
      const blob = '/acme/lake/wh/a'
      expect(azure.requests).toEqual([`PUT ${blob}`, `PUT ${blob}`, `HEAD ${blob}`, `GET ${blob}`])
    },
  )

  test.each(['other', 'mine but longer'])(
    'does not count as written when another blob (%j) took the name first',
    async (other) => {
      azure.objects.set('lake/wh/a', Buffer.from(other))
      azure.faults.push({ kind: 'reset' })
      await expect(store.writeNew(locationOf('a'), encode('mine!'))).rejects.toThrow(errorWithCode('already-exists'))
      expect(azure.objects.get('lake/wh/a')?.toString()).toBe(other)
    },
  )
})

describe('A finished local file', () => {
  let folder: string
  let file: string
  const content = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'azure-import-'))
    file = path.join(folder, 'staged.parquet')
    await writeFile(file, content)
    store = connect({}, { partBytes: 64, maxSingleUploadBytes: 100 })
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('is uploaded in blocks, a few at once, and is then removed', async () => {
    await store.importFile(file, locationOf('x'))
    expect(azure.objects.get('lake/wh/x')).toEqual(content)
    const ids = azure.received.flatMap(({ query }) => query.get('blockid') ?? [])
    expect(new Set(ids).size).toBe(16)
    expect(new Set(ids.map((id) => id.length)).size).toBe(1)
    expect(azure.maxRunningCount).toBeLessThanOrEqual(4)
    expect(existsSync(file)).toBe(false)
  })

  test('is complete when blocks and the answer to their list are lost', async () => {
    const lost = new Set<string>()
    azure.faultFor = ({ query }) => {
      const comp = query.get('comp') ?? ''
      if (lost.has(comp) || !comp.startsWith('block')) return null
      lost.add(comp)
      return { kind: 'lose' }
    }
    await store.importFile(file, locationOf('x'))
    expect(azure.objects.get('lake/wh/x')).toEqual(content)
    expect(lost).toEqual(new Set(['block', 'blocklist']))
  })

  test('stays when another client created the blob first, which dropped our blocks', async () => {
    azure.faultFor = ({ query }) => {
      if (query.get('comp') !== 'blocklist') return null
      azure.objects.set('lake/wh/x', Buffer.from('theirs'))
      return { kind: 'answer', status: 400, code: 'InvalidBlockList' }
    }
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('already-exists'))
    expect(azure.objects.get('lake/wh/x')?.toString()).toBe('theirs')
    expect(existsSync(file)).toBe(true)
  })

  test('stays when its blocks are refused or disappear for no reason', async () => {
    azure.faultFor = ({ query }) =>
      query.get('comp') === 'blocklist' ? { kind: 'answer', status: 400, code: 'InvalidBlockList' } : null
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    azure.faultFor = ({ query }) =>
      query.get('comp') === 'block' ? { kind: 'answer', status: 403, code: 'AuthorizationPermissionMismatch' } : null
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('forbidden'))
    expect(azure.objects.size).toBe(0)
    expect(azure.runningCount).toBe(0)
    expect(existsSync(file)).toBe(true)
  })
})

describe('A store in trouble', () => {
  beforeEach(() => azure.objects.set('lake/wh/a', Buffer.from('x')))

  test('is retried a few times', async () => {
    const busy = { kind: 'answer', status: 503, code: 'ServerBusy' } as const
    azure.faults.push(busy, { kind: 'answer', status: 500, code: 'OperationTimedOut' }, { kind: 'reset' })
    expect(decode(await store.read(locationOf('a')))).toBe('x')
    azure.faultFor = () => busy
    await expect(store.read(locationOf('a'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    expect(azure.received).toHaveLength(4 + 4)
  })

  test.each([
    [403, 'AuthenticationFailed', 'forbidden'],
    [401, 'NoAuthenticationInformation', 'forbidden'],
    [403, 'AuthorizationPermissionMismatch', 'forbidden'],
    [403, 'KeyBasedAuthenticationNotPermitted', 'forbidden'],
    [409, 'PublicAccessNotPermitted', 'forbidden'],
    [409, 'BlobImmutableDueToPolicy', 'forbidden'],
    [409, 'BlobArchived', 'file-damaged'],
    [403, undefined, 'forbidden'],
    [404, undefined, 'file-missing'],
    [404, 'ContainerNotFound', 'file-missing'],
    [404, 'AccountNotFound', 'storage-unavailable'],
    [307, 'Redirected', 'storage-unavailable'],
    [418, 'IamATeapot', 'storage-unavailable'],
    [400, '<b>', 'storage-unavailable'],
  ])('that answers %i %s is reported as %s without secrets', async (status, refusal, expected) => {
    azure.faultFor = () => ({
      kind: 'answer',
      status,
      headers: { location: 'http://169.254.169.254/' },
      ...(refusal && { code: refusal }),
    })
    for (const request of [store.read(locationOf('a')), store.sizeBytes(locationOf('a'))]) {
      const error: unknown = await request.catch((e: unknown) => e)
      expect(error).toMatchObject({ code: expected, facts: { location: locationOf('a') } })
      expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain(ACCOUNT_KEY)
    }
    expect(azure.received).toHaveLength(2)
  })

  test.each(['LeaseIdMissing', 'SnapshotsPresent'])(
    'protects a file that is in use (%s), which is reported',
    async (why) => {
      azure.faults.push({ kind: 'answer', status: why === 'LeaseIdMissing' ? 412 : 409, code: why })
      await expect(store.remove(locationOf('a'))).rejects.toThrow(errorWithCode('forbidden'))
      azure.faults.push({ kind: 'answer', status: why === 'LeaseIdMissing' ? 412 : 409, code: why })
      await expect(store.writeNew(locationOf('b'), encode('x'))).rejects.toThrow(errorWithCode('forbidden'))
    },
  )

  test('whose listings are malformed is not trusted', async () => {
    for (const body of ['<!DOCTYPE x [<!ENTITY a "b">]><EnumerationResults/>', 'not xml <', '', '<html/>']) {
      azure.faults.push({ kind: 'answer', status: 200, body })
      await expect(store.hasFiles(locationOf('t'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    }
  })

  test.each([
    ['the same page', () => 'm'],
    ['another page', () => `m${azure.received.length}`],
  ])('that endlessly leads to %s without files is given up', async (_what, next) => {
    azure.faultFor = () => ({ kind: 'answer', status: 200, body: listing('', next()) })
    await expect(store.hasFiles(locationOf('t'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    await expect(store.listNames(locationOf('t'), { limit: 5 })).rejects.toThrow(errorWithCode('storage-unavailable'))
  })

  test('that returns a file after many empty pages is trusted', async () => {
    const blob = '<Blob><Name>wh/t/a</Name></Blob>'
    azure.faultFor = () => {
      const { length } = azure.received
      return { kind: 'answer', status: 200, body: length < 300 ? listing('', `m${length}`) : listing(blob) }
    }
    expect(await store.hasFiles(locationOf('t'))).toBe(true)
  })

  test('is never at the address of a metadata server', async () => {
    for (const endpoint of ['http://168.63.129.16/acme', 'http://169.254.169.254/acme']) {
      await expect(connect({ endpoint }).read(locationOf('a'))).rejects.toThrow(errorWithCode('forbidden'))
    }
  })
})

describe('A folder', () => {
  const put = (key: string) => azure.objects.set(`lake/${key}`, Buffer.from('x'))

  test('has no files when only folders are below it, however many', async () => {
    for (const key of ['wh/t', 'wh/t/', ...Array.from({ length: 12 }, (_, i) => `wh/t/f${i}`)]) {
      put(key)
      azure.folders.add(`lake/${key}`)
    }
    expect(await store.hasFiles(locationOf('t'))).toBe(false)
    expect(await store.listNames(locationOf('t'), { limit: 1 })).toEqual([])
    put('wh/t/f9/x')
    expect(await store.hasFiles(locationOf('t'))).toBe(true)
  })

  test('lists names that XML cannot represent, and leaves a percent sign in others', async () => {
    const names = ['<Name Encoded="true">wh%2Ft%2Fa%EF%BF%BF%25</Name>', '<Name Encoded="false">wh/t/b%25</Name>']
    const blobs = [...names, '<Name>wh/t/c%25</Name>'].map((name) => `<Blob>${name}</Blob>`)
    azure.faults.push({ kind: 'answer', status: 200, body: listing(blobs.join('')) })
    expect(await store.listNames(locationOf('t'), { limit: 3 })).toEqual(['a\uFFFF%', 'b%25', 'c%25'])
    azure.faults.push({ kind: 'answer', status: 200, body: listing('<Blob><Name Encoded="true">%zz</Name></Blob>') })
    await expect(store.listNames(locationOf('t'), { limit: 3 })).rejects.toThrow(errorWithCode('storage-unavailable'))
  })

  test('lists names page by page', async () => {
    for (const name of ['a', 'b c', 'c', 'deep/d']) put(`wh/t/${name}`)
    azure.maxKeysPerPage = 2
    expect(await store.listNames(locationOf('t'), { limit: 3 })).toEqual(['a', 'b c', 'c'])
    expect(azure.requests).toHaveLength(2)
  })
})

test('Roots of two accounts are refused', () => {
  expect(() => connect({ roots: [ROOT, ROOT.replace('acme', 'other')] })).toThrow(TypeError)
  expect(() => connect({ roots: [ROOT, ROOT.replace('windows.net', 'usgovcloudapi.net')] })).toThrow(TypeError)
  expect(() => connect({ roots: ['s3://lake'] })).toThrow(TypeError)
})
