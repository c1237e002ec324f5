import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { actorFor, type Actor } from '@/server/auth/actor'
import type { Upload } from '@/server/db/uploads/uploads'
import { createServicesBeside, createTestHome, signInAs } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { appendBytes } from './append-bytes'
import { PartMemory } from './part-memory'
import { createUpload } from './create-upload'
import { findUpload } from './find-upload'
import { removeUpload } from './remove-upload'
import { readReceivedRanges, streamUpload } from './stream-upload'
import { tidyUploads } from './tidy-uploads'
import { PART_BYTES } from './upload-folder'

const s3 = new S3StandIn()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: await s3.start(),
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
afterAll(() => s3.stop())

const { signal } = new AbortController()
const UNCHECKED = { checksum: null, memory: new PartMemory(), requireWriter: async () => {} }
const TARGET = { catalog: 'local', namespace: ['a'], table: 't' }

let actor: Actor
beforeAll(async () => {
  actor = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
})

const create = (sizeBytes: number) =>
  createUpload(home.services, actor, { target: TARGET, fileName: 'a.csv', sizeBytes })

const append = async (uploadId: string, ...chunks: readonly Uint8Array[]) =>
  appendBytes(home.services, await findUpload(home.database, uploadId, actor), toBody(chunks), UNCHECKED)

async function* toBody(chunks: readonly Uint8Array[]) {
  yield* chunks
}

async function readBack(uploadId: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  const upload = await findUpload(home.database, uploadId, actor)
  for await (const part of streamUpload(home.services, upload, signal)) parts.push(part)
  return Buffer.concat(parts)
}

const objects = (uploadId: string) => [...s3.objects.keys()].filter((name) => name.includes(uploadId))

it('An upload to a warehouse in a bucket is stored in parts, read back unchanged and removed', async () => {
  const bytes = randomBytes(2 * PART_BYTES + 1000)
  const { uploadId } = await create(bytes.byteLength)
  await append(uploadId, bytes.subarray(0, 1000))
  await append(uploadId, bytes.subarray(1000))
  expect(objects(uploadId)).toHaveLength(3)
  for (const name of objects(uploadId))
    expect(name).toMatch(/^lake\/wh\/\.lakeshore\/uploads\/\w{26}\/\d+-[\da-f-]{36}$/)
  expect((await readBack(uploadId)).equals(bytes)).toBe(true)
  const readRange = readReceivedRanges(home.services, await findUpload(home.database, uploadId, actor))
  for (const [start, end] of [
    [0, 10],
    [990, 1010],
    [PART_BYTES - 5, PART_BYTES + 2000],
    [bytes.length - 7, bytes.length],
  ] as const)
    expect(Buffer.from(await readRange({ start, end }, signal)).equals(bytes.subarray(start, end))).toBe(true)
  await expect(readRange({ start: 0, end: bytes.length + 1 }, signal)).rejects.toMatchObject({ code: 'file-damaged' })
  expect(await removeUpload(home.services, await findUpload(home.database, uploadId, actor))).toBe(true)
  expect(objects(uploadId)).toEqual([])
})

it('An upload of which the bucket does not take a part stays at its last byte, and continues there', async () => {
  const bytes = randomBytes(2000)
  const { uploadId } = await create(bytes.byteLength)
  await append(uploadId, bytes.subarray(0, 1000))
  s3.faultFor = ({ method }) => (method === 'PUT' ? { kind: 'answer', status: 403, code: 'AccessDenied' } : null)
  await expect(append(uploadId, bytes.subarray(1000))).rejects.toMatchObject({ code: 'forbidden' })
  s3.faultFor = () => null
  expect(await findUpload(home.database, uploadId, actor)).toMatchObject({ receivedBytes: 1000 })
  await append(uploadId, bytes.subarray(1000))
  expect((await readBack(uploadId)).equals(bytes)).toBe(true)
})

it('An upload to a bucket that was begun at one process is continued at another one', async () => {
  const bytes = randomBytes(2000)
  const { uploadId } = await create(bytes.byteLength)
  const stale = await findUpload(home.database, uploadId, actor)
  await append(uploadId, bytes.subarray(0, 1000))
  const other = createServicesBeside(home)
  try {
    const at = (upload: Upload, part: Uint8Array) => appendBytes(other, upload, toBody([part]), UNCHECKED)
    await expect(at(stale, bytes.subarray(0, 1000))).rejects.toMatchObject({ code: 'version-conflict' })
    await at(await findUpload(other.database, uploadId, actor), bytes.subarray(1000))
  } finally {
    await other.database.close()
  }
  expect((await readBack(uploadId)).equals(bytes)).toBe(true)
  expect(objects(uploadId)).toHaveLength(2)
})

it('Expired uploads and files without a row are removed from a bucket', async () => {
  const [expired, lost, open] = [await create(20), await create(20), await create(20)]
  for (const { uploadId } of [expired, lost, open]) await append(uploadId, randomBytes(10))
  await home.database.commit([
    rawChange('UPDATE uploads SET expires_at_ms = 1 WHERE id = ?', [expired.uploadId]),
    rawChange('DELETE FROM uploads WHERE id = ?', [lost.uploadId]),
  ])
  const nowMs = home.database.nowMs() + home.config.uploads.lifeMs
  expect(await tidyUploads(home.services, { nowMs, signal })).toEqual({ expired: 1, files: 2, isComplete: true })
  expect([expired, lost, open].map(({ uploadId }) => objects(uploadId).length)).toEqual([0, 0, 1])
})
