import { expect, test, vi } from 'vitest'
import type { CatalogClient } from './catalog-client'
import { KeptClients } from './kept-clients'

const key = (version: number, credentialsId: string | null = null, connectionId = 'c') => ({
  connectionId,
  version,
  credentialsId,
})
const maker = () => vi.fn(async () => ({}) as CatalogClient)

test('One client serves all who come with the same credentials, also while it is made', async () => {
  const clients = new KeptClients()
  const make = maker()
  const [one, other] = await Promise.all([clients.get(key(1), make), clients.get(key(1), make)])
  expect(one).toBe(other)
  expect(await clients.get(key(1, 'ann'), make)).not.toBe(one)
  expect(await clients.get(key(1, null, 'd'), make)).not.toBe(one)
  expect(make).toHaveBeenCalledTimes(3)
})

test('A connection that changed is opened anew, and the client of what it was is let go', async () => {
  const clients = new KeptClients()
  const make = maker()
  const old = await clients.get(key(1, 'ann'), make)
  expect(await clients.get(key(2, 'ann'), make)).not.toBe(old)
  await clients.get(key(1, 'ann'), make)
  expect(make).toHaveBeenCalledTimes(3)
})

test('A client that could not be made is tried again', async () => {
  const clients = new KeptClients()
  await expect(clients.get(key(1), () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  await clients.get(key(1), maker())
})

test('The longest unused of very many is given up', async () => {
  const clients = new KeptClients()
  const make = maker()
  for (let n = 0; n < 101; n += 1) {
    await clients.get(key(1, null, `c${n}`), make)
    await clients.get(key(1, null, 'c0'), make)
  }
  expect(make).toHaveBeenCalledTimes(101)
  await clients.get(key(1, null, 'c1'), make)
  expect(make).toHaveBeenCalledTimes(102)
})
