// @vitest-environment happy-dom
import { renderHook } from '@testing-library/react'
import { expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { useKeyedRequest } from './use-keyed-request'

it('sends a request again under the same key only while its outcome is unknown', async () => {
  const { current: sendKeyed } = renderHook(() => useKeyedRequest()).result
  const keys: string[] = []
  const send = (toTable: string, error?: AppError) =>
    sendKeyed({ toTable }, async ({ toTable: to, idempotencyKey }) => {
      expect(to).toBe(toTable)
      keys.push(idempotencyKey)
      if (error) throw error
      return 'done'
    })
  const lost = new AppError('server-unreachable', 'No answer.')
  await expect(send('a', lost)).rejects.toBe(lost)
  await expect(send('a', lost)).rejects.toBe(lost)
  await expect(send('b', lost)).rejects.toBe(lost)
  const refused = new AppError('already-exists', 'Taken.')
  await expect(send('b', refused)).rejects.toBe(refused)
  expect(await send('b')).toBe('done')
  expect(await send('b')).toBe('done')
  const [first, second, other, again, third, fourth] = keys
  expect(second).toBe(first)
  expect(again).toBe(other)
  expect(new Set([first, other, third, fourth]).size).toBe(4)
  expect(keys.every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true)
})
