import { beforeEach, describe, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { Availability } from '@/server/catalog/availability'
import { TimeBudget } from './time-budget'

const never = () => new Promise<never>(() => {})
const remoteCatalog = { name: 'far', kind: 'rest' } as const

test('A catalog that does not answer is given up when its time budget is used up, across all its reads', async () => {
  const budget = new TimeBudget(new AbortController().signal, 20)
  await expect(budget.spend(remoteCatalog, never)).rejects.toMatchObject({
    code: 'catalog-unavailable',
    message: 'far did not answer within 0.02 s.',
  })
  await expect(budget.spend(remoteCatalog, never)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  expect(await budget.spend({ ...remoteCatalog, name: 'near' }, async () => 'answer')).toBe('answer')
})

test('Work that listens to the signal is aborted', async () => {
  const budget = new TimeBudget(new AbortController().signal, 5)
  const aborted = Promise.withResolvers<void>()
  const awaitAbort = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => aborted.resolve())
    return never()
  }
  await expect(budget.spend(remoteCatalog, awaitAbort)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  await aborted.promise
})

test('Lakeshore’s own catalog has no time limit, and other errors are passed on', async () => {
  const budget = new TimeBudget(new AbortController().signal, 1)
  const slow = () => new Promise((resolve) => setTimeout(() => resolve('answer'), 30))
  expect(await budget.spend({ name: 'local', kind: 'embedded' }, slow)).toBe('answer')
  await expect(
    budget.spend({ ...remoteCatalog, name: 'b' }, () => Promise.reject(new Error('broken'))),
  ).rejects.toThrow('broken')
})

test('An aborted request waits for nothing', async () => {
  const client = new AbortController()
  const spending = new TimeBudget(client.signal, 10_000).spend(remoteCatalog, never)
  client.abort(new Error('left'))
  await expect(spending).rejects.toThrow('left')
})

describe('A catalog that did not answer', () => {
  let availability: Availability
  let watchedCatalog: { name: string; kind: 'rest'; availability: Availability }
  beforeEach(() => {
    availability = new Availability({ probe: never, nowMs: () => 1_700_000_000_000 })
    watchedCatalog = { ...remoteCatalog, availability }
    work = vi.fn<() => Promise<string>>().mockResolvedValue('answer')
  })
  const newBudget = () => new TimeBudget(new AbortController().signal, 20)
  let work: ReturnType<typeof vi.fn<() => Promise<string>>>

  test('in one request is not waited for in the next', async () => {
    await expect(newBudget().spend(watchedCatalog, never)).rejects.toMatchObject({
      code: 'catalog-unavailable',
      facts: {},
    })
    await expect(newBudget().spend(watchedCatalog, work)).rejects.toMatchObject({
      message: 'far did not answer within 0.02 s.',
      facts: { attemptStartedAtMs: 1_700_000_000_000 },
    })
    expect(work).not.toHaveBeenCalled()
    availability.recordResponse()
    expect(await newBudget().spend(watchedCatalog, work)).toBe('answer')
  })

  test('because nothing listens there counts as unavailable; a catalog that refuses does not', async () => {
    const down = () => Promise.reject(new AppError('catalog-unavailable', 'down'))
    await expect(
      newBudget().spend(watchedCatalog, () => Promise.reject(new AppError('forbidden', 'no'))),
    ).rejects.toThrow('no')
    await expect(newBudget().spend(watchedCatalog, down)).rejects.toMatchObject({ message: 'down', facts: {} })
    await expect(newBudget().spend(watchedCatalog, down)).rejects.toMatchObject({
      facts: { attemptStartedAtMs: expect.any(Number) },
    })
  })

  test('in time, but did answer some requests, is slow and is called again', async () => {
    const slow = () => {
      availability.recordResponse()
      return never()
    }
    const budget = newBudget()
    await expect(budget.spend(watchedCatalog, slow)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    // The budget is used up. Reading files does not call the catalog, so its availability stays unknown.
    await expect(budget.spend(watchedCatalog, never)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(await newBudget().spend(watchedCatalog, work)).toBe('answer')
  })

  test('before the client left is not marked as unavailable', async () => {
    const client = new AbortController()
    const spending = new TimeBudget(client.signal, 10_000).spend(watchedCatalog, never)
    await Promise.resolve()
    client.abort(new Error('left'))
    await expect(spending).rejects.toThrow('left')
    expect(await newBudget().spend(watchedCatalog, work)).toBe('answer')
  })
})
