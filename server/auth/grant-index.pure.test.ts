import { describe, expect, it } from 'vitest'
import { covers, type Grant, type Resource } from '@/lib/permissions'
import { containerKeys, GrantIndex } from './grant-index'

const DEEP = { catalog: 'local', namespace: Array.from({ length: 60_000 }, () => 'a'), table: 't' }
const grantsOn = (...resources: Resource[]): Grant[] =>
  resources.map((on) => ({ permission: 'table:read', resource: on }))

describe('The keys of a resource and those around it', () => {
  it('are each made of the one before', () => {
    const keys = [...containerKeys({ catalog: 'local', namespace: ['a', 'b'], table: 't' }, 9)]
    expect(keys).toHaveLength(5)
    for (const [i, key] of keys.slice(1).entries()) expect(key.startsWith(keys[i] ?? '')).toBe(true)
  })

  it.each([0, 1, 3])('are no deeper than the deepest grant, of %d levels', (maxLevels) => {
    expect([...containerKeys(DEEP, maxLevels)]).toHaveLength(2 + maxLevels)
  })

  it('take as much memory as the names, and not its square', () => {
    const keys = [...containerKeys(DEEP, Number.POSITIVE_INFINITY)]
    expect(keys).toHaveLength(60_003)
    expect(keys.at(-1)).toHaveLength(new Set(keys).size * 3 - 3 + 'local'.length - 1)
  })

  it('tell a table from a namespace, and a level from two', () => {
    const keyOf = (resource: Resource) => [...containerKeys(resource, 9)].at(-1)
    const resources: Resource[] = [
      {},
      { catalog: 'a' },
      { catalog: 'a', namespace: ['b'] },
      { catalog: 'a', namespace: ['b', 'c'] },
      { catalog: 'a', namespace: ['b'], table: 'c' },
      { catalog: 'a', namespace: ['b\x1fc'] },
      { catalog: 'a', namespace: ['b.c'] },
    ]
    expect(new Set(resources.map(keyOf)).size).toBe(resources.length)
  })
})

describe('An index of grants', () => {
  const toResource = (...[catalog, namespace, table]: [string?, string[]?, string?]): Resource => ({
    ...(catalog !== undefined && { catalog }),
    ...(namespace && { namespace }),
    ...(table !== undefined && { table }),
  })
  const PLACES = [
    toResource(),
    toResource('a'),
    toResource('b'),
    toResource('a', ['n']),
    toResource('a', ['n', 'm']),
    toResource('a', ['m']),
    toResource('a', ['n'], 't'),
    toResource('a', ['n', 'm'], 't'),
    toResource('a', ['n'], 'u'),
    toResource('b', ['n'], 't'),
  ]

  it('covers what one of the grants covers, and is entered where one reaches', () => {
    for (const one of PLACES) {
      for (const other of PLACES) {
        const index = new GrantIndex(grantsOn(one, other))
        for (const resource of PLACES) {
          const isCovered = covers(one, resource) || covers(other, resource)
          const isAround = covers(resource, one) || covers(resource, other)
          expect([one, other, resource, index.covers('table:read', resource)]).toEqual([
            one,
            other,
            resource,
            isCovered,
          ])
          expect([one, other, resource, index.reaches(resource)]).toEqual([one, other, resource, isCovered || isAround])
        }
        expect(index.covers('table:write', one)).toBe(false)
      }
    }
  })

  it('answers for a namespace of 60,000 levels by the levels that its grants name', () => {
    const namespace = ['a', 'a']
    const index = new GrantIndex(grantsOn({ catalog: 'local', namespace: ['b'] }, { catalog: 'local', namespace }))
    expect(index.covers('table:read', DEEP)).toBe(true)
    expect(index.reaches(DEEP)).toBe(true)
    expect(index.reaches({ ...DEEP, namespace: ['c', ...DEEP.namespace] })).toBe(false)
  })
})
