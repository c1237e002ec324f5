import { expect, it } from 'vitest'
import { readEntryOf } from './read-entry'

it('Tables and views are found in the paths of requests, with the levels of their namespace', () => {
  const table = { catalog: 'local', namespace: ['a', 'b/c'], table: 't 1' }
  expect(readEntryOf('/api/v1/catalogs/local/namespaces/a%1Fb%2Fc/tables/t%201/rows?limit=1')).toEqual(table)
  expect(readEntryOf('/api/v1/catalogs/local/namespaces/a%1Fb%2Fc/tables/t%201')).toEqual(table)
  expect(readEntryOf('/api/v1/catalogs/local/namespaces/demo/views/v')).toEqual({
    catalog: 'local',
    namespace: ['demo'],
    table: 'v',
  })
  expect(readEntryOf('/api/v1/files/abc?path=/api/v1/catalogs/x/namespaces/y/tables/z')).toBeNull()
})
