import { expect, it } from 'vitest'
import { toCatalogKey, toDottedName, toTableIdentifier } from './catalog-key'

it.each([
  [['demo'], 'demo'],
  [['demo', 'deep', 'er'], 'demo.deep.er'],
  [['größe', '数据'], 'größe.数据'],
])('A table in %o is stored with its namespace as %s, and read back', (namespace, dotted) => {
  const identifier = { catalog: 'local', namespace, table: 'my.table' }
  expect(toDottedName(namespace)).toBe(dotted)
  // The name of a table may contain dots: only those of the namespace separate levels.
  expect(toCatalogKey(identifier)).toEqual({ catalog: 'local', namespace: dotted, name: 'my.table' })
  expect(toTableIdentifier(toCatalogKey(identifier))).toEqual(identifier)
})
