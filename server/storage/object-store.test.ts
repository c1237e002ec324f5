import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ACCOUNT_KEY, AzureStandIn } from '@/testing/stores/azure-stand-in'
import { GcsStandIn } from '@/testing/stores/gcs-stand-in'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { SILENT_LOG } from '@/testing/silent-log'
import { type StoreUnderTest, describeStore } from '@/testing/conformance/store'
import type { ReceivedRequest } from '@/testing/stores/store-stand-in'
import { azureStore } from './azure/azure-store'
import { gcsStore } from './gcs/gcs-store'
import { localStore } from './local/local-store'
import { s3Store } from './s3/s3-store'

const SIZES = { firstPauseMs: 1, partBytes: 1024 * 1024, maxSingleUploadBytes: 1024 * 1024 }

describe('Every kind of store', () => {
  let folder: string
  const s3 = new S3StandIn()
  const azure = new AzureStandIn()
  const gcs = new GcsStandIn()
  const storeRoots = new Map<string, StoreUnderTest>()
  const access = (kind: string) => () => {
    const found = storeRoots.get(kind)
    if (!found) throw new Error(`No store was opened as ${kind}.`)
    return found
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'object-store-'))
    await mkdir(path.join(folder, 'in'))
    const inside = `file://${folder}/in`
    storeRoots.set('A folder', { store: localStore([inside]), folder: `${inside}/t`, outside: `file://${folder}` })

    const bucket = {
      kind: 's3' as const,
      roots: ['s3://lake/wh'],
      endpoint: await s3.start(),
      region: 'us-east-1',
      isPathStyle: true,
    }
    storeRoots.set('S3', {
      store: s3Store({ ...bucket, credentials: { kind: 'keys', ...KEYS } }, SILENT_LOG, SIZES),
      folder: 's3://lake/wh/t',
      outside: 's3://lake/other',
    })

    const container = 'abfss://lake@acme.dfs.core.windows.net'
    const credentials = { kind: 'account-key' as const, accountKey: ACCOUNT_KEY }
    storeRoots.set('Azure', {
      store: azureStore(
        { kind: 'azure', roots: [`${container}/wh`], endpoint: await azure.start(), credentials },
        SIZES,
      ),
      folder: `${container}/wh/t`,
      outside: `${container}/other`,
    })

    gcs.token = 't1'
    storeRoots.set('Google', {
      store: gcsStore(
        {
          kind: 'gcs',
          roots: ['gs://lake/wh'],
          endpoint: await gcs.start(),
          credentials: { kind: 'bearer', token: gcs.token },
        },
        SIZES,
      ),
      folder: 'gs://lake/wh/t',
      outside: 'gs://lake/other',
    })
  })
  afterAll(async () => {
    await s3.stop()
    await azure.stop()
    await gcs.stop()
    await rm(folder, { recursive: true })
  })

  for (const kind of ['A folder', 'S3', 'Azure', 'Google'])
    describeStore(kind, access(kind), { largeBytes: 2 * SIZES.partBytes + 7 })

  describe.each([
    ['S3', s3],
    ['Azure', azure],
    ['Google', gcs],
  ])('When %s misbehaves', (kind, standIn) => {
    const bytes = Buffer.from('0123456789')
    const isRead = ({ method }: ReceivedRequest) => method === 'GET'
    const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })
    const open = (name: string) => {
      const { store, folder } = access(kind)()
      standIn.objects.set(`lake/wh/t/${name}`, bytes)
      return { store, location: `${folder}/${name}` }
    }
    const readText = async (stream: ReadableStream<Uint8Array>) => new Response(stream).text()

    afterEach(() => {
      standIn.faultFor = () => null
      standIn.faults.length = 0
    })

    test('never mixes two versions: a file that changes while it is read is damaged', async () => {
      const { store, location } = open('changing')
      standIn.faults.push({ kind: 'cut' })
      const stream = await store.stream(location, { range: { start: 0, end: 10 } })
      standIn.objects.set('lake/wh/t/changing', Buffer.from('abcdefghij'))
      await expect(readText(stream)).rejects.toThrow(errorWithCode('file-damaged'))
    })

    test('a partial answer is not accepted as the whole file', async () => {
      const { store, location } = open('whole')
      const headers = { 'content-range': 'bytes 0-3/10' }
      standIn.faults.push({ kind: 'answer', status: 206, body: '0123', headers })
      await expect(store.read(location)).rejects.toThrow(errorWithCode('storage-unavailable'))
      standIn.faults.push({ kind: 'unsaid' })
      await expect(store.read(location)).rejects.toThrow(errorWithCode('storage-unavailable'))
      expect(await store.read(location)).toEqual(new Uint8Array(bytes))
    })

    test('a broken stream is not resumed after its reader left', async () => {
      const { store, location } = open('left')
      standIn.faults.push({ kind: 'cut' }, { kind: 'silence' })
      const reader = (await store.stream(location, { range: { start: 0, end: 10 } })).getReader()
      await reader.read()
      const readCount = standIn.received.filter(isRead).length
      void reader.read()
      await vi.waitFor(() => expect(standIn.received.filter(isRead).length).toBe(readCount + 1), 50_000)
      await reader.cancel()
      await vi.waitFor(() => expect(standIn.runningCount).toBe(0), 50_000)
    })

    test.each(['constructor', 'toString'])('an error with the code %s is still reported in our words', async (word) => {
      const { store, location } = open('refused')
      standIn.faults.push({ kind: 'answer', status: 418, code: word })
      await expect(store.read(location)).rejects.toThrow(errorWithCode('storage-unavailable'))
    })
  })
})
