import type { HttpStack } from 'tus-js-client'
import { expect, it } from 'vitest'
import { ChecksumStack } from './checksum-stack'

const send = (method: string, status: number, headers: Readonly<Record<string, string>> = {}) =>
  new ChecksumStack(
    {
      createRequest: () => ({
        getMethod: () => method,
        send: async () => ({ getStatus: () => status, getHeader: (name: string) => headers[name] }),
      }),
    } as unknown as HttpStack,
    () => null,
  )
    .createRequest(method, 'http://test/u')
    .send(null)

it.each([
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [429, 'too-many-requests'],
  [500, 'server-unreachable'],
  [503, 'server-unreachable'],
])('An upload is not begun again because the server answers with %d', async (status, code) => {
  await expect(send('HEAD', status)).rejects.toMatchObject({ code })
})

it('An upload of a disabled user says so, and not that its session has ended', async () => {
  await expect(send('HEAD', 401, { 'x-lakeshore-user-state': 'disabled' })).rejects.toMatchObject({
    code: 'unauthenticated',
    message: 'Your user was disabled.',
    facts: { userState: 'disabled' },
  })
})

it('An upload that is gone is begun again, and refusals with a body say themselves why', async () => {
  expect((await send('HEAD', 404)).getStatus()).toBe(404)
  expect((await send('PATCH', 503)).getStatus()).toBe(503)
})
