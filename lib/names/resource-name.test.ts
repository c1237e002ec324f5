import { describe, expect, it } from 'vitest'
import { paths } from '@/lib/paths/paths'
import { parseResource, resourceFromQuery, resourceKey, resourceKind, resourceLabel } from './resource-name'

const LEDGER = { catalog: 'lake', namespace: ['eu', 'finance'], table: 'ledger' }

describe('the name of a resource', () => {
  it('is read as the kind that the user chose', () => {
    expect(parseResource('', 'everything')).toEqual({})
    expect(parseResource('lake', 'catalog')).toEqual({ catalog: 'lake' })
    expect(parseResource(' lake.eu.finance ', 'namespace')).toEqual({ catalog: 'lake', namespace: ['eu', 'finance'] })
    expect(parseResource('lake.eu.finance.ledger', 'table')).toEqual(LEDGER)
  })

  it.each([
    ['', 'catalog'],
    ['lake.eu', 'catalog'],
    ['lake', 'namespace'],
    ['lake.', 'namespace'],
    ['lake..ledger', 'table'],
    ['lake.ledger', 'table'],
  ] as const)('is not complete yet: “%s” as a %s', (text, kind) => {
    expect(parseResource(text, kind)).toBeNull()
  })

  it('says what it is and is written with dots', () => {
    expect(resourceKind({})).toBe('everything')
    expect(resourceKind({ catalog: 'lake' })).toBe('catalog')
    expect(resourceKind({ catalog: 'lake', namespace: ['eu'] })).toBe('namespace')
    expect(resourceKind(LEDGER)).toBe('table')
    expect([{}, LEDGER].map(resourceLabel)).toEqual(['everything', 'lake.eu.finance.ledger'])
  })

  it('differs for levels that look alike with dots', () => {
    const dotted = { catalog: 'lake', namespace: ['eu.finance'], table: 'ledger' }
    expect(resourceLabel(dotted)).toBe(resourceLabel(LEDGER))
    expect(resourceKey(dotted)).not.toBe(resourceKey(LEDGER))
  })

  it('survives an address', () => {
    for (const resource of [{}, { catalog: 'lake' }, { catalog: 'lake', namespace: ['a.b', 'c'] }, LEDGER]) {
      expect(resourceFromQuery(new URL(paths.accessTo(resource), 'http://lake').searchParams)).toEqual(resource)
    }
    expect(resourceFromQuery(new URLSearchParams('namespace=demo&table=x'))).toEqual({})
  })
})
