import { expect, test, vi } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { withReservedKey } from './write-key'

const home = createTestHome()
const key = { actorId: 'u1', key: 'a-key-of-one-request', operation: 'rename' }

test('A request that arrives again while it is carried out does nothing, and its outcome is not known yet', async () => {
  const [again, answer] = [vi.fn(async () => 'again'), vi.fn(async () => 'answered')]
  const arrive = (work: () => Promise<string>) =>
    withReservedKey(home.database, { catalog: 'local', key }, work, answer)
  const first = await arrive(async () => {
    await expect(arrive(again)).rejects.toMatchObject({ code: 'commit-state-unknown' })
    return 'first'
  })
  expect(first).toBe('first')
  expect([again, answer].map(({ mock }) => mock.calls)).toEqual([[], []])
  expect(await arrive(again)).toBe('again')
})
