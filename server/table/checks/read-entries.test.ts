import { expect, it } from 'vitest'
import { ReadEntries } from './read-entries'

it('Tables and views are found in the paths of requests, each once, with the levels of their namespace', () => {
  const readEntries = new ReadEntries()
  readEntries.add('/api/v1/catalogs/local/namespaces/a%1Fb%2Fc/tables/t%201/rows?limit=1')
  readEntries.add('/api/v1/catalogs/local/namespaces/a%1Fb%2Fc/tables/t%201')
  readEntries.add('/api/v1/catalogs/local/namespaces/demo/views/v')
  readEntries.add('/api/v1/files/abc?path=/api/v1/catalogs/x/namespaces/y/tables/z')
  expect(readEntries.list()).toEqual([
    { catalog: 'local', namespace: ['a', 'b/c'], table: 't 1' },
    { catalog: 'local', namespace: ['demo'], table: 'v' },
  ])
})
