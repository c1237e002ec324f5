import { expect, it } from 'vitest'
import { AddressIndex, decodeSegments } from './address-index'

const index = new AddressIndex(
  ['/api/*', '/api/v1/runs/:run', '/api/v1/runs/events', '/api/v1/:noun/:id/log', '/api/v1/runs/{run}/{part}'].map(
    (template) => [template, template] as const,
  ),
)
const find = (pathname: string) => index.find(decodeSegments(pathname))

it('prefers names to parameters, and parameters to a wildcard', () => {
  expect(find('/api/v1/runs/events')).toEqual({ target: '/api/v1/runs/events', params: {} })
  expect(find('/api/v1/runs/7')).toEqual({ target: '/api/v1/runs/:run', params: { run: '7' } })
  expect(find('/api/v1/runs/7/log')).toEqual({ target: '/api/v1/runs/{run}/{part}', params: { run: '7', part: 'log' } })
  expect(find('/api/v1/jobs/7/log')).toEqual({ target: '/api/v1/:noun/:id/log', params: { noun: 'jobs', id: '7' } })
  expect(find('/api/v2')).toEqual({ target: '/api/*', params: { '*': ['v2'] } })
  expect(find('/api')).toEqual({ target: '/api/*', params: { '*': [] } })
})

it('decodes each segment by itself, so that a name may contain a slash', () => {
  expect(find('/api/v1/runs/a%2Fb%1Fc')).toMatchObject({ params: { run: 'a/b\u001fc' } })
  expect(find('/api/v1/runs/%3Arun')).toMatchObject({ params: { run: ':run' } })
})

it('takes no empty segment for a parameter', () => {
  expect(find('/api/v1/runs/')).toMatchObject({ target: '/api/*' })
  expect(find('/api/v1/runs//log')).toMatchObject({ target: '/api/*' })
})

it('finds nothing outside its templates', () => {
  expect(find('/other')).toBeNull()
  expect(find('/')).toBeNull()
})
