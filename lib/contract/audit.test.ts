import { expect, it } from 'vitest'
import { ENDPOINTS } from './endpoints'
import { toOpenApi } from './description/openapi'

it('describes the export of the audit with the formats that it has', () => {
  const { paths } = toOpenApi(ENDPOINTS, '0')
  expect(paths['/api/v1/audit/export']?.['get']).toMatchObject({ responses: { 200: { content: expect.anything() } } })
  const text = JSON.stringify(paths['/api/v1/audit/export'])
  expect(text).toContain('application/x-ndjson')
  expect(text).toContain('text/csv')
  expect(text).not.toContain('arrow')
  expect(JSON.stringify(paths)).toContain('application/vnd.apache.arrow.stream')
})
