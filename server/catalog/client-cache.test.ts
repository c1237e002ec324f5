import { expect, test, vi } from 'vitest'
import type { CatalogClient } from './catalog-client'
import { ClientCache } from './client-cache'

const key = (version: number, credentialsId: string | null = null, connectionId = 'c') => ({
  connectionId,
  version,
  credentialsId,
})
const createMock = () => vi.fn(async () => ({}) as CatalogClient)

test('One client serves all who come with the same credentials, also while it is made', async () => {
  const clients = new ClientCache()
  const create = createMock()
  const [one, other] = await Promise.all([clients.get(key(1), create), clients.get(key(1), create)])
  expect(one).toBe(other)
  expect(await clients.get(key(1, 'ann'), create)).not.toBe(one)
  expect(await clients.get(key(1, null, 'd'), create)).not.toBe(one)
  expect(create).toHaveBeenCalledTimes(3)
})

test('A connection that changed is opened anew, and the client of what it was is let go', async () => {
  const clients = new ClientCache()
  const create = createMock()
  const old = await clients.get(key(1, 'ann'), create)
  expect(await clients.get(key(2, 'ann'), create)).not.toBe(old)
  await clients.get(key(1, 'ann'), create)
  expect(create).toHaveBeenCalledTimes(3)
})

test('A client that could not be made is tried again', async () => {
  const clients = new ClientCache()
  await expect(clients.get(key(1), () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  await clients.get(key(1), createMock())
})

test('The longest unused of very many is given up', async () => {
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
