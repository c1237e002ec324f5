import { METHODS } from 'node:http'
import { expect, test } from '@playwright/test'
import { sendRaw, statusOf } from '@/scripts/raw-client'
import { address } from './people'

const ODD = ['/login', '/catalogs/%zz', '/catalogs/%ff%fe', '/api/v1/session', '/api/%zz', '/_next/static/%zz', '*']

test('A browser finds the icon where it looks for one by itself', async ({ request }) => {
  const answer = await request.get(`${address()}/favicon.ico`)
  expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'image/svg+xml'])
})

test('Whoever is not signed in and asks oddly is refused, and the server has no failure of it', async () => {
  const port = Number(new URL(address()).port)
  for (const method of METHODS.filter((one) => one !== 'CONNECT')) {
    for (const odd of ODD) {
      const status = statusOf(await sendRaw(port, method, odd))
      expect(status ?? 500, `${method} ${odd}`).toBeLessThan(500)
    }
  }
})
