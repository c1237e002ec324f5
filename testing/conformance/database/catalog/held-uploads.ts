import { beforeEach, describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { type HeldUploads, holdUploadsChange, releaseUploadsChange } from '@/server/db/catalog/held-uploads'
import { closeProposalChange } from '@/server/db/catalog/proposal-decisions'
import { addProposalChange, PROPOSAL_LIFE_MS } from '@/server/db/catalog/proposals'
import { addUpload, readUpload, tryAddPart } from '@/server/db/uploads/uploads'
import { type OpenDatabase, runConcurrently, setUpDatabase, undoneAtChange } from '../testbed'

const HOUR_MS = 3_600_000
const ON = { catalog: 'local', namespace: ['a'], table: 't' }

export function describeHeldUploads(open: OpenDatabase): void {
  describe('Uploads of proposals', () => {
    const database = setUpDatabase(open)
    beforeEach(() => database().commit([rawChange('DELETE FROM proposals'), rawChange('DELETE FROM uploads')]))
    const add = async (uploadId: string, { userId = 'u', receivedBytes = 2, lifeMs = HOUR_MS } = {}) => {
      const added = { uploadId, userId, target: ON, fileName: 'a.csv', sizeBytes: 2 }
      await addUpload(database(), added, { lifeMs, maxUserBytes: null })
      await tryAddPart(database(), uploadId, { startByte: 0, sizeBytes: receivedBytes, name: 'p' }, lifeMs)
    }
    const held = (proposalId: string, uploadIds: readonly string[], userId = 'u'): HeldUploads => ({
      proposalId,
      userId,
      uploadIds,
    })
    const propose = (of: HeldUploads) =>
      database().commit([
        addProposalChange({
          proposalId: of.proposalId,
          entryKind: 'table',
          on: ON,
          tableUuid: 'uuid',
          title: 'Load a.csv',
          note: '',
          action: { kind: 'rewrite-files' },
          proposedBy: { userId: of.userId, username: 'ada' },
        }),
        holdUploadsChange(of, HOUR_MS),
      ])
    const close = (proposalId: string) =>
      database().commit([closeProposalChange(proposalId, { state: 'withdrawn', by: 'ada', comment: null })])
    const read = (uploadId: string) => readUpload(database(), { uploadId, userId: 'u' })
    const hoursLeft = async (uploadId: string) =>
      Math.round((((await read(uploadId))?.expiresAtMs ?? 0) - database().nowMs()) / HOUR_MS)

    test('live as long as their proposal, and the usual time after it was closed', async () => {
      for (const id of ['a', 'b', 'other']) await add(id)
      const of = held('p1', ['a', 'b'])
      await propose(of)
      expect(await read('b')).toMatchObject({ proposalId: 'p1' })
      expect(await Promise.all(['a', 'b', 'other'].map(hoursLeft))).toEqual([30 * 24 + 1, 30 * 24 + 1, 1])
      await database().commit([releaseUploadsChange({ ...of, proposalId: 'p2' }, HOUR_MS)])
      await database().commit([releaseUploadsChange({ ...of, userId: 'x' }, HOUR_MS)])
      expect(await hoursLeft('a')).toBe(30 * 24 + 1)
      await database().commit([releaseUploadsChange(of, HOUR_MS)])
      expect(await Promise.all(['a', 'b', 'other'].map(hoursLeft))).toEqual([1, 1, 1])
      expect(await read('a')).toMatchObject({ proposalId: null })
    })

    test.each([
      ['of another user', () => add('x', { userId: 'other' })],
      ['that is not complete', () => add('x', { receivedBytes: 1 })],
      ['that has expired', () => add('x', { lifeMs: 0 })],
      ['that does not exist', async () => {}],
    ])('leave a proposal unmade with one %s', async (_, addX) => {
      await add('a')
      await addX()
      await expect(propose(held('p1', ['a', 'x']))).rejects.toMatchObject({ name: 'UnexpectedChanges', index: 1 })
      expect(await hoursLeft('a')).toBe(1)
    })

    test('belong to one open proposal at a time', async () => {
      await add('a')
      const { done, refused } = await runConcurrently((i) => propose(held(`p${i}`, ['a'])))
      expect(done).toHaveLength(1)
      for (const error of refused) expect(error).toMatchObject({ name: 'UnexpectedChanges' })
      const first = (await read('a'))?.proposalId ?? ''
      await expect(propose(held('next', ['a']))).rejects.toThrow(undoneAtChange(1))
      await close(first)
      await propose(held('next', ['a']))
      expect(await read('a')).toMatchObject({ proposalId: 'next' })
      await database().commit([rawChange('UPDATE proposals SET expires_at_ms = expires_at_ms - ?', [PROPOSAL_LIFE_MS])])
      await propose(held('last', ['a']))
      expect(await read('a')).toMatchObject({ proposalId: 'last' })
    })
  })
}
