import { expect, test, vi } from 'vitest'
import { machineTokens } from './machine-tokens'

const library = Promise.withResolvers<void>()

vi.mock('google-auth-library', async () => {
  await library.promise
  return {
    GoogleAuth: class {
      getAccessToken = async () => 'token'
    },
  }
})

test('The time limit of a token server does not start before its client library is loaded', async () => {
  const limits = vi.spyOn(AbortSignal, 'timeout')
  const token = machineTokens('scope').get()
  await Promise.resolve()
  expect(limits).not.toHaveBeenCalled()
  library.resolve()
  expect(await token).toBe('token')
  expect(limits).toHaveBeenCalledOnce()
})
