import { expect, test, vi } from 'vitest'
import { machineTokens } from './machine-tokens'

class StandIn {
  getAccessToken = async () => 'token'
}

test('The time limit of a token server does not start before its client library is loaded', async () => {
  const library = Promise.withResolvers<{ GoogleAuth: typeof StandIn }>()
  const limits = vi.spyOn(AbortSignal, 'timeout')
  const token = machineTokens('scope', () => library.promise).get()
  await Promise.resolve()
  expect(limits).not.toHaveBeenCalled()
  library.resolve({ GoogleAuth: StandIn })
  expect(await token).toBe('token')
  expect(limits).toHaveBeenCalledOnce()
})
