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

test('Browsers find the icon at /favicon.ico', async ({ request }) => {
  const response = await request.get(`${address()}/favicon.ico`)
  expect([response.status(), response.headers()['content-type']]).toEqual([200, 'image/svg+xml'])
})

test('Malformed requests without a session get no 5xx response', async () => {
  const port = Number(new URL(address()).port)
  for (const method of METHODS.filter((candidate) => candidate !== 'CONNECT')) {
    for (const target of MALFORMED_TARGETS) {
      const status = lastStatus(await sendRaw(port, method, target))
      expect(status ?? 500, `${method} ${target}`).toBeLessThan(500)
    }
  }
})
