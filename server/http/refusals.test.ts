import { expect, test } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { unknownAddressHandlers, refuseOtherMethods } from './refusals'

const home = createTestHome()

test('a method that a path does not allow is a problem that names the allowed methods', async () => {
  const response = refuseOtherMethods(home.services.log, 'GET', 'PUT').DELETE(
    new Request('http://lake/api/v1/home', { method: 'DELETE' }),
  )
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT'])
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({
    code: 'method-not-allowed',
    detail: 'DELETE is not allowed here. Allowed methods: GET, HEAD, PUT.',
    requestId: response.headers.get('x-request-id'),
  })
})

test('OPTIONS lists the methods that a path allows', () => {
  const response = refuseOtherMethods(home.services.log, 'POST').OPTIONS(
    new Request('http://lake/api/v1/x', { method: 'OPTIONS' }),
  )
  expect([response.status, response.headers.get('allow')]).toEqual([204, 'POST, OPTIONS'])
})

test('an unknown address is a problem too', async () => {
  const response = unknownAddressHandlers(home.services.log).GET(new Request('http://lake/api/v1/nothing'))
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ code: 'not-found', type: '/problems/not-found' })
})
