import dns from 'node:dns'
import { createServer } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { SILENT_LOG } from '@/testing/silent-log'
import { type Reach, safeLookup } from '@/server/http-out/safe-address'
import { s3Store } from '../s3/s3-store'
import type { S3Access } from '../../locations/storage-access'

type LookupCallback = (error: Error | null, found: unknown, family?: number) => void

type Lookup = (name: string, options: unknown, callback: LookupCallback) => void

const lookup = vi.spyOn(dns as unknown as { lookup: Lookup }, 'lookup')
syncBuiltinESMExports()
afterEach(() => lookup.mockReset())

const resolving = (found: unknown, error: Error | null = null) =>
  lookup.mockImplementation((_name, _options, callback) => callback(error, found, 4))

const access = (endpoint: string, reach: Reach): S3Access => ({
  kind: 's3',
  roots: ['s3://lake'],
  endpoint,
  reach,
  region: 'us-east-1',
  isPathStyle: true,
  credentials: { kind: 'anonymous' },
})
const read = (endpoint: string, reach: Reach = 'anywhere') =>
  s3Store(access(endpoint, reach), SILENT_LOG, { firstPauseMs: 1 }).read('s3://lake/a')

test.each([
  'http://169.254.169.254',
  'http://169.254.170.2',
  'http://2852039166',
  'http://0xa9.254.169.254',
  'http://[fe80::1]',
  'http://[fd00:ec2::254]',
  'http://[::ffff:169.254.169.254]',
])('No request is sent to %s, where a cloud serves credentials', async (endpoint) => {
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
])('No request is sent to a name that resolves to such an address', async (found) => {
  resolving(found)
  await expect(read('http://store.example')).rejects.toThrow(expect.objectContaining({ code: 'forbidden' }))
  expect(lookup).toHaveBeenCalledOnce()
})

test('A name that resolves to a usual address is used, and one without an address is reported', async () => {
  const callback = vi.fn<LookupCallback>()
  resolving('10.0.0.1')
  safeLookup('anywhere')('store.example', {}, callback)
  expect(callback).toHaveBeenLastCalledWith(null, '10.0.0.1', 4)
  resolving('169.254.1.1')
  safeLookup('anywhere')('store.example', {}, callback)
  expect(callback).toHaveBeenLastCalledWith(expect.objectContaining({ code: 'forbidden' }), [])
  resolving(undefined, Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
  await expect(read('http://store.example')).rejects.toThrow(expect.objectContaining({ code: 'storage-unavailable' }))
})

test.each(['127.0.0.1', '10.0.0.1', 'fd00::1'])(
  'A store that only a catalog named is not contacted at %s, even if its name resolved elsewhere when it was checked',
  async (inside) => {
    resolving([{ address: inside, family: inside.includes(':') ? 6 : 4 }])
    const refused = expect.objectContaining({
      code: 'forbidden',
      message: expect.stringContaining('inside this network'),
    })
    await expect(read('http://store.example', 'outside')).rejects.toThrow(refused)
    await expect(read(inside.includes(':') ? `http://[${inside}]` : `http://${inside}`, 'outside')).rejects.toThrow(
      refused,
    )
  },
)

test('It is not contacted over a connection that a trusted store left open either', async () => {
  const server = createServer((_request, response) => response.end('x'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://store.example:${(server.address() as AddressInfo).port}`
  resolving([{ address: '127.0.0.1', family: 4 }])
  expect(await read(endpoint)).toEqual(new TextEncoder().encode('x'))
  await expect(read(endpoint, 'outside')).rejects.toThrow(expect.objectContaining({ code: 'forbidden' }))
  expect(await read(endpoint)).toEqual(new TextEncoder().encode('x'))
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
