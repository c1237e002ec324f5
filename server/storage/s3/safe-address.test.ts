import { lookup } from 'node:dns'
import { afterEach, expect, test, vi } from 'vitest'
import type { S3Access } from '../storage-access'
import { s3Store } from './s3-store'
import { safeLookup } from './safe-address'

vi.mock('node:dns', async (original) => {
  const real = await original<typeof import('node:dns')>()
  return { ...real, lookup: vi.fn<typeof real.lookup>() }
})
afterEach(() => vi.clearAllMocks())

type Answer = (error: Error | null, found: unknown, family?: number) => void
const resolving = (found: unknown, error: Error | null = null) =>
  vi.mocked(lookup).mockImplementation(((_name: string, _options: unknown, answer: Answer) => {
    answer(error, found, 4)
  }) as unknown as typeof lookup)

const access = (endpoint: string): S3Access => ({
  kind: 's3',
  roots: ['s3://lake'],
  endpoint,
  region: 'us-east-1',
  isPathStyle: true,
  credentials: { kind: 'anonymous' },
})
const read = (endpoint: string) => s3Store(access(endpoint), { firstPauseMs: 1 }).read('s3://lake/a')

test.each([
  'http://169.254.169.254',
  'http://169.254.170.2',
  'http://2852039166',
  'http://0xa9.254.169.254',
  'http://[fe80::1]',
  'http://[fd00:ec2::254]',
  'http://[::ffff:169.254.169.254]',
])('Nothing is asked at %s, where a cloud gives out credentials', async (endpoint) => {
  await expect(read(endpoint)).rejects.toThrow(expect.objectContaining({ code: 'forbidden' }))
})

test.each([
  [[{ address: '169.254.169.254', family: 4 }]],
  [
    [
      { address: '10.0.0.1', family: 4 },
      { address: 'fe80::2', family: 6 },
    ],
  ],
])('Nor at a name that leads there', async (found) => {
  resolving(found)
  await expect(read('http://store.example')).rejects.toThrow(expect.objectContaining({ code: 'forbidden' }))
  expect(lookup).toHaveBeenCalledOnce()
})

test('A name that leads to a usual address is used, and one that leads nowhere is told', async () => {
  const answered = vi.fn<Answer>()
  resolving('10.0.0.1')
  safeLookup('store.example', {}, answered)
  expect(answered).toHaveBeenLastCalledWith(null, '10.0.0.1', 4)
  resolving('169.254.1.1')
  safeLookup('store.example', {}, answered)
  expect(answered).toHaveBeenLastCalledWith(expect.objectContaining({ code: 'forbidden' }), [])
  resolving(undefined, Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
  await expect(read('http://store.example')).rejects.toThrow(expect.objectContaining({ code: 'storage-unavailable' }))
})
