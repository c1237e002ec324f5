import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { testRestCatalog, TestRestCatalog } from '@/scripts/test-rest-catalog'
import { Contact } from './contact'

let nowMs: number
let asked: number
let answer: () => Promise<unknown>
let contact: Contact

beforeEach(() => {
  nowMs = 1_700_000_000_000
  asked = 0
  answer = () => Promise.reject(new AppError('catalog-unavailable', 'Still nothing.'))
  contact = new Contact({
    ask: () => {
      asked += 1
      return answer()
    },
    nowMs: () => nowMs,
    awaitedMs: 20,
  })
})

const missed = (detail: string, triedAtMs: number) => ({
  code: 'catalog-unavailable',
  message: detail,
  facts: { triedAtMs },
})

describe('A catalog that was not heard of', () => {
  it('is not asked again for a while, and it is told when it last was', async () => {
    await expect(contact.require()).resolves.toBeUndefined()
    contact.miss('Nothing came.', 0)
    nowMs += 4_999
    await expect(contact.require()).rejects.toMatchObject(missed('Nothing came.', nowMs - 4_999))
    expect(asked).toBe(0)
  })

  it('is then tried once for all who ask', async () => {
    contact.miss('Nothing came.', 0)
    nowMs += 5_000
    const all = await Promise.allSettled([contact.require(), contact.require(), contact.require()])
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(asked).toBe(1)
    await expect(contact.require()).rejects.toMatchObject(missed('Still nothing.', nowMs))
    expect(asked).toBe(1)
  })

  it('is not waited for while it is tried, and is asked again when it is back', async () => {
    contact.miss('Nothing came.', 0)
    nowMs += 5_000
    const { promise, resolve } = Promise.withResolvers<void>()
    answer = () => promise
    await expect(contact.require()).rejects.toMatchObject(missed('Nothing came.', nowMs - 5_000))
    await expect(contact.require()).rejects.toMatchObject(missed('Nothing came.', nowMs - 5_000))
    expect(asked).toBe(1)
    contact.hear()
    resolve()
    await expect(contact.require()).resolves.toBeUndefined()
  })

  it('that answers the new try within a moment is asked at once, also where it refuses', async () => {
    contact.miss('Nothing came.', 0)
    nowMs += 5_000
    answer = async () => {
      contact.hear()
      throw new AppError('catalog-refused', 'Not you.')
    }
    await expect(contact.require()).resolves.toBeUndefined()
    expect(asked).toBe(1)
  })

  it('is forgotten after five minutes', async () => {
    contact.miss('Nothing came.', 0)
    nowMs += 5 * 60_000
    await expect(contact.require()).resolves.toBeUndefined()
    expect(asked).toBe(0)
  })

  it('by one who gave up while others were answered is there', async () => {
    contact.hear()
    contact.miss('Nothing came.', 0)
    await expect(contact.require()).resolves.toBeUndefined()
  })
})

it('A REST catalog is heard of by each answer but the failure of a server, and by none when it is down', async () => {
  const catalog = await TestRestCatalog.start()
  catalog.on('GET /v1/namespaces', [{ status: 403 }, { status: 503 }])
  const remote = testRestCatalog(catalog.uri)
  const count = () => remote.contact?.answerCount
  await expect(remote.listNamespaces(null)).rejects.toMatchObject({ code: 'forbidden' })
  expect(count()).toBe(2)
  await expect(remote.listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  await catalog.stop()
  await expect(remote.listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  expect(count()).toBe(2)
  remote.contact?.miss('Nothing came.', 2)
  await expect(remote.contact?.require()).rejects.toMatchObject({ code: 'catalog-unavailable' })
})
