import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import {
  addUpload,
  deleteExpiredUploads,
  deleteUpload,
  findUploadIds,
  listUploads,
  countMissingBytes,
  MAX_OPEN_UPLOADS,
  readParts,
  readUpload,
  tryAddPart,
  type UploadPart,
} from '@/server/db/uploads/uploads'
import {
  CONCURRENCY,
  countRows,
  errorWithCode,
  NAMES,
  type OpenDatabase,
  runConcurrently,
  setUpDatabase,
  TEXTS,
} from '@/testing/conformance/database/testbed'

const HOUR_MS = 3_600_000
/** More than a page of parts. */
const MANY_PARTS = 501
const GIB = 2 ** 30

export function describeUploads(open: OpenDatabase): void {
  describe('Uploads', () => {
    const database = setUpDatabase(open)
    const add = async (uploadId: string, userId = 'u', sizeBytes = 50 * GIB, lifeMs = HOUR_MS) => {
      const target = { catalog: 'local', namespace: ['a.b', 'c'], table: 't' }
      await addUpload(
        database(),
        { uploadId, userId, target, fileName: `${uploadId}.csv`, sizeBytes },
        {
          lifeMs,
          maxUserBytes: null,
        },
      )
      return { uploadId, userId }
    }
    const listParts = async (uploadId: string) => {
      const parts: UploadPart[] = []
      for await (const each of readParts(database(), uploadId)) parts.push(each)
      return parts
    }
    const part = (startByte: number, sizeBytes: number, name = `${startByte}`) => ({ startByte, sizeBytes, name })

    test.each([...NAMES, ...TEXTS])('have the names that they were created with: %j', async (name) => {
      const target = { catalog: name, namespace: ['a.b', 'c'], table: name }
      const added = { uploadId: `named-${name}`, userId: name, target, fileName: name, sizeBytes: 0 }
      await addUpload(database(), added, { lifeMs: HOUR_MS, maxUserBytes: null })
      const upload = await readUpload(database(), added)
      expect(upload).toMatchObject({ ...added, receivedBytes: 0, partCount: 0 })
      expect((upload?.expiresAtMs ?? 0) - (upload?.createdAtMs ?? 0)).toBe(HOUR_MS)
      expect(await listUploads(database(), name)).toEqual([upload])
    })

    test('are found by their user only, until they expire or are removed', async () => {
      const own = await add('own')
      expect(await readUpload(database(), { ...own, userId: 'other' })).toBeNull()
      expect(await deleteUpload(database(), { ...own, userId: 'other' })).toBe(false)
      expect(await deleteUpload(database(), own)).toBe(true)
      expect(await readUpload(database(), own)).toBeNull()

      const expired = await add('expired', 'u', 1, 0)
      expect(await readUpload(database(), expired)).toBeNull()
      expect((await listUploads(database(), 'u')).map(({ uploadId }) => uploadId)).not.toContain('expired')
      expect(await tryAddPart(database(), 'expired', part(0, 1), HOUR_MS)).toBe(false)
      expect([...(await findUploadIds(database(), ['expired', 'own', 'none']))]).toEqual(['expired'])
    })

    test('grow by one part at a time, of all that are sent for one byte', async () => {
      const upload = await add('raced')
      for (let startByte = 0; startByte < 30; startByte += 10) {
        const { done, refused } = await runConcurrently((i) =>
          tryAddPart(database(), 'raced', part(startByte, 10, `${startByte}-${i}`), HOUR_MS),
        )
        expect(refused).toEqual([])
        expect(done.filter(Boolean)).toHaveLength(1)
        expect(done).toHaveLength(CONCURRENCY)
      }
      expect(await readUpload(database(), upload)).toMatchObject({ receivedBytes: 30, partCount: 3 })
      const parts = await listParts('raced')
      expect(parts.map(({ startByte }) => startByte)).toEqual([0, 10, 20])
      for (const { startByte, name } of parts) expect(name).toMatch(new RegExp(`^${startByte}-\\d+$`))
    })

    test('take no part with a gap before it, none twice, and none beyond their size', async () => {
      const upload = await add('small', 'u', 10)
      expect(await tryAddPart(database(), 'small', part(1, 3), HOUR_MS)).toBe(false)
      expect(await tryAddPart(database(), 'small', part(0, 11), HOUR_MS)).toBe(false)
      expect(await tryAddPart(database(), 'small', part(0, 4), HOUR_MS)).toBe(true)
      expect(await tryAddPart(database(), 'small', part(0, 4), HOUR_MS)).toBe(false)
      expect(await tryAddPart(database(), 'small', part(4, 6), HOUR_MS)).toBe(true)
      expect(await tryAddPart(database(), 'small', part(10, 1), HOUR_MS)).toBe(false)
      expect(await readUpload(database(), upload)).toMatchObject({ receivedBytes: 10, partCount: 2 })
    })

    test('live longer with each part', async () => {
      const upload = await add('alive', 'u', 2, 60_000)
      const before = await readUpload(database(), upload)
      await tryAddPart(database(), 'alive', part(0, 1), HOUR_MS)
      const after = await readUpload(database(), upload)
      expect((after?.expiresAtMs ?? 0) - (before?.expiresAtMs ?? 0)).toBeGreaterThan(HOUR_MS - 2 * 60_000)
    })

    test('have their parts in order, also more than a page of them, and are removed with them', async () => {
      const upload = await add('many', 'u', MANY_PARTS * GIB)
      for (let i = 0; i < MANY_PARTS; i += 1) await tryAddPart(database(), 'many', part(i * GIB, GIB), HOUR_MS)
      const parts = await listParts('many')
      expect(parts).toEqual(Array.from({ length: MANY_PARTS }, (_, i) => part(i * GIB, GIB)))
      await deleteUpload(database(), upload)
      expect(await listParts('many')).toEqual([])
    })

    test('that have expired are removed in batches, and no others', async () => {
      await database().commit([rawChange('DELETE FROM uploads', [])])
      for (const id of ['e1', 'e2', 'e3']) await add(id, 'u', 1, 0)
      await add('open')
      expect(await deleteExpiredUploads(database(), 2)).toBe(2)
      expect(await deleteExpiredUploads(database(), 2)).toBe(1)
      expect(await deleteExpiredUploads(database(), 2)).toBe(0)
      expect(await countRows(database(), 'uploads')).toBe(1)
    })

    test('have together at most as many bytes as a user may have, with those that are still to come', async () => {
      await database().commit([rawChange('DELETE FROM uploads', [])])
      const target = { catalog: 'local', namespace: ['a'], table: 't' }
      const addWithin = (uploadId: string, sizeBytes: number, userId = 'u') =>
        addUpload(
          database(),
          { uploadId, userId, target, fileName: 'a.csv', sizeBytes },
          { lifeMs: HOUR_MS, maxUserBytes: 10 * GIB },
        )
      await add('expired', 'u', 9 * GIB, 0)
      await addWithin('b1', 4 * GIB)
      await addWithin('b2', 6 * GIB)
      await expect(addWithin('b3', 1)).rejects.toMatchObject({
        code: 'too-many-requests',
        facts: { openBytes: 10 * GIB, sizeBytes: 1, maxUserBytes: 10 * GIB },
      })
      await addWithin('of-v', 10 * GIB, 'v')
      await tryAddPart(database(), 'b2', part(0, GIB), HOUR_MS)
      expect(await countMissingBytes(database(), 'v')).toBe(9 * GIB)
      await deleteUpload(database(), { uploadId: 'b1', userId: 'u' })
      const { done } = await runConcurrently((i) => addWithin(`c${i}`, 4 * GIB))
      expect(done).toHaveLength(1)
    })

    test('are at most a thousand for a user, without those that have expired', async () => {
      await database().commit([
        rawChange(
          `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MAX_OPEN_UPLOADS - 1})
            INSERT INTO uploads
              (id, user_id, catalog, namespace, table_name, file_name, size_bytes, received_bytes, part_count,
                created_at_ms, expires_at_ms)
            SELECT 'x' || cast(i AS text), 'busy', 'c', 'n', 't', 'f', 1, 0, 0, 1, ? FROM n`,
          [database().nowMs() + HOUR_MS],
        ),
      ])
      await add('expired-of-busy', 'busy', 1, 0)
      const { done, refused } = await runConcurrently((i) => add(`y${i}`, 'busy'))
      expect(done).toHaveLength(1)
      expect(refused[0]).toEqual(errorWithCode('too-many-requests'))
      await add('of-another', 'idle')
      expect(await listUploads(database(), 'busy')).toHaveLength(MAX_OPEN_UPLOADS)
    })
  })
}
