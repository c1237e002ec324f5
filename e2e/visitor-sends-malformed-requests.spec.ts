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

test('A browser finds icons, the web manifest and robots.txt', async ({ request }) => {
  const types = {
    '/favicon.ico': 'image/x-icon',
    '/icon.svg': 'image/svg+xml',
    '/apple-touch-icon.png': 'image/png',
    '/icon-192.png': 'image/png',
    '/icon-512.png': 'image/png',
    '/icon-maskable-512.png': 'image/png',
    '/manifest.webmanifest': 'application/manifest+json',
    '/robots.txt': 'text/plain',
  }
  for (const [path, type] of Object.entries(types)) {
    const response = await request.get(`${address()}${path}`)
    expect([path, response.status(), response.headers()['content-type']]).toEqual([
      path,
      200,
      expect.stringContaining(type),
    ])
  }
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
