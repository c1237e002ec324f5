import { METHODS } from 'node:http'
import { expect, test } from '@playwright/test'
import { sendRaw, lastStatus } from '@/testing/http/raw-client'
import { address } from './support/personas'

const MALFORMED_TARGETS = [
  '/login',
  '/catalogs/%zz',
  '/catalogs/%ff%fe',
  '/api/v1/session',
  '/api/%zz',
  '/_next/static/%zz',
  '*',
]

test('A browser finds the icon where it looks for one by itself', async ({ request }) => {
  const response = await request.get(`${address()}/favicon.ico`)
  expect([response.status(), response.headers()['content-type']]).toEqual([200, 'image/svg+xml'])
})

test('Whoever is not signed in and asks oddly is refused, and the server has no failure of it', async () => {
  const port = Number(new URL(address()).port)
  for (const method of METHODS.filter((candidate) => candidate !== 'CONNECT')) {
    for (const target of MALFORMED_TARGETS) {
      const status = lastStatus(await sendRaw(port, method, target))
      expect(status ?? 500, `${method} ${target}`).toBeLessThan(500)
    }
  }
})
