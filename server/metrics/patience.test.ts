import { beforeEach, describe, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { Contact } from '@/server/catalog/contact'
import { Patience } from './patience'

const never = () => new Promise<never>(() => {})
const remote = { name: 'far', kind: 'rest' } as const

test('A catalog that does not answer is given up when its time is over, for all its reads together', async () => {
  const patience = new Patience(new AbortController().signal, 20)
  await expect(patience.spend(remote, never)).rejects.toMatchObject({
    code: 'catalog-unavailable',
    message: 'far did not answer within 0.02 s.',
  })
  await expect(patience.spend(remote, never)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  expect(await patience.spend({ ...remote, name: 'near' }, async () => 'told')).toBe('told')
})

test('Work that listens is told to stop', async () => {
  const patience = new Patience(new AbortController().signal, 5)
  const heard = Promise.withResolvers<void>()
  const listens = (signal: AbortSignal) => {
    signal.addEventListener('abort', () => heard.resolve())
    return never()
  }
  await expect(patience.spend(remote, listens)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  await heard.promise
})

test('Lakeshore’s own catalog is waited for, and a failure stays what it is', async () => {
  const patience = new Patience(new AbortController().signal, 1)
  const slow = () => new Promise((resolve) => setTimeout(() => resolve('told'), 30))
  expect(await patience.spend({ name: 'local', kind: 'embedded' }, slow)).toBe('told')
  await expect(patience.spend({ ...remote, name: 'b' }, () => Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  )
})

test('Who leaves waits for nothing', async () => {
  const left = new AbortController()
  const spent = new Patience(left.signal, 10_000).spend(remote, never)
  left.abort(new Error('left'))
  await expect(spent).rejects.toThrow('left')
})

describe('A catalog that was not heard of', () => {
  let contact: Contact
  let far: { name: string; kind: 'rest'; contact: Contact }
  beforeEach(() => {
    contact = new Contact({ ask: never, nowMs: () => 1_700_000_000_000 })
    far = { ...remote, contact }
    work = vi.fn<() => Promise<string>>().mockResolvedValue('told')
  })
  const patience = () => new Patience(new AbortController().signal, 20)
  let work: ReturnType<typeof vi.fn<() => Promise<string>>>

  test('in one answer is not waited for in the next', async () => {
    await expect(patience().spend(far, never)).rejects.toMatchObject({ code: 'catalog-unavailable', facts: {} })
    await expect(patience().spend(far, work)).rejects.toMatchObject({
      message: 'far did not answer within 0.02 s.',
      facts: { triedAtMs: 1_700_000_000_000 },
    })
    expect(work).not.toHaveBeenCalled()
    contact.hear()
    expect(await patience().spend(far, work)).toBe('told')
  })

  test('because nothing listens there is one too; one that refuses is not', async () => {
    const down = () => Promise.reject(new AppError('catalog-unavailable', 'down'))
    await expect(patience().spend(far, () => Promise.reject(new AppError('forbidden', 'no')))).rejects.toThrow('no')
    await expect(patience().spend(far, down)).rejects.toMatchObject({ message: 'down', facts: {} })
    await expect(patience().spend(far, down)).rejects.toMatchObject({ facts: { triedAtMs: expect.any(Number) } })
  })

  test('to its end, but answered, is slow and asked again', async () => {
    const slow = () => {
      contact.hear()
      return never()
    }
    const spent = patience()
    await expect(spent.spend(far, slow)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    // What is left of the time is none, and reading files asks no catalog.
    await expect(spent.spend(far, never)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(await patience().spend(far, work)).toBe('told')
  })

  test('by who left is not called so', async () => {
    const left = new AbortController()
    const spent = new Patience(left.signal, 10_000).spend(far, never)
    await Promise.resolve()
    left.abort(new Error('left'))
    await expect(spent).rejects.toThrow('left')
    expect(await patience().spend(far, work)).toBe('told')
  })
})
