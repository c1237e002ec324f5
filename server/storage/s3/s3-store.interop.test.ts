import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type S3Server, installS3Server, startS3Server } from '@/testing/stores/s3-server'
import { SILENT_LOG } from '@/testing/silent-log'
import { describeStore } from '@/testing/conformance/store'
import type { S3Access } from '../../locations/storage-access'
import { s3Store } from './s3-store'

const SIZES = { firstPauseMs: 1, partBytes: 5 * 1024 * 1024, maxSingleUploadBytes: 1024 * 1024 }

describe.skipIf(installS3Server() === null)('A real S3 server (skipped if it is not available)', () => {
  let server: S3Server

  beforeAll(async () => {
    server = (await startS3Server())!
  })
  afterAll(() => server.stop())

  const openStore = (overrides: Partial<S3Access>) => s3Store({ ...server.access, ...overrides }, SILENT_LOG, SIZES)

  describeStore('A bucket', () => ({
    store: openStore({ roots: ['s3://lake/wh'] }),
    folder: 's3://lake/wh/t',
    outside: 's3://lake/other',
  }))

  test('reports a missing bucket and wrong keys', async () => {
    await openStore({}).writeNew('s3://lake/a', new Uint8Array(1))
    await expect(openStore({ roots: ['s3://nowhere'] }).read('s3://nowhere/a')).rejects.toThrow('nowhere')
    const keys = { kind: 'keys' as const, accessKeyId: server.accessKeyId, secretAccessKey: 'wrong' }
    for (const credentials of [keys, { ...keys, accessKeyId: 'wrong' }, { kind: 'anonymous' as const }]) {
      await expect(openStore({ credentials }).read('s3://lake/a')).rejects.toMatchObject({ code: 'forbidden' })
    }
  })
})
