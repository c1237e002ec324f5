import { expect, test, vi } from 'vitest'
import type { CatalogClient } from './port/catalog-client'
import { ClientCache } from './client-cache'

const key = (version: number, credentialsId: string | null = null, connectionId = 'c') => ({
  connectionId,
  version,
  credentialsId,
})
const createMock = () => vi.fn(async () => ({}) as CatalogClient)

test('Callers with the same credentials share one client, also while it is being created', async () => {
  const clients = new ClientCache()
  const create = createMock()
  const [one, other] = await Promise.all([clients.get(key(1), create), clients.get(key(1), create)])
  expect(one).toBe(other)
  expect(await clients.get(key(1, 'ann'), create)).not.toBe(one)
  expect(await clients.get(key(1, null, 'd'), create)).not.toBe(one)
  expect(create).toHaveBeenCalledTimes(3)
})

test('A changed connection gets a new client, and the cache drops the old one', async () => {
  const clients = new ClientCache()
  const create = createMock()
  const old = await clients.get(key(1, 'ann'), create)
  expect(await clients.get(key(2, 'ann'), create)).not.toBe(old)
  await clients.get(key(1, 'ann'), create)
  expect(create).toHaveBeenCalledTimes(3)
})

test('A client whose creation failed is created again', async () => {
  const clients = new ClientCache()
  await expect(clients.get(key(1), () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  await clients.get(key(1), createMock())
})

test('The cache drops the least recently used client when there are too many', async () => {
  const clients = new ClientCache()
  const create = createMock()
  for (let n = 0; n < 101; n += 1) {
    await clients.get(key(1, null, `c${n}`), create)
    await clients.get(key(1, null, 'c0'), create)
  }
  expect(create).toHaveBeenCalledTimes(101)
  await clients.get(key(1, null, 'c1'), create)
  expect(create).toHaveBeenCalledTimes(102)
})
