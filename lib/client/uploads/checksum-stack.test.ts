import type { HttpStack } from 'tus-js-client'
import { expect, it } from 'vitest'
import { ChecksumStack } from './checksum-stack'

const send = (method: string, status: number) =>
  new ChecksumStack(
    {
      createRequest: () => ({ getMethod: () => method, send: async () => ({ getStatus: () => status }) }),
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

it('An upload that is gone is begun again, and refusals with a body say themselves why', async () => {
  expect((await send('HEAD', 404)).getStatus()).toBe(404)
  expect((await send('PATCH', 503)).getStatus()).toBe(503)
})
