import { expect, test } from 'vitest'
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
