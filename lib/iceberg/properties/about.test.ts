import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { setPropertyDescription } from '../../changes/intents/set-property/describe'
import { aboutProperties, isProtected, BADGES, MAX_TAGS, readAbout, tagsProblem } from './about'
import { readColumnAbout } from './column-about'
import { propertyValueProblem } from './property-problem'
import { findProperty } from './table-properties'

describe('What a table’s properties say about it', () => {
  it('is its comment, owner, tags and badge', () => {
    const properties = {
      comment: ' Flights of a year ',
      owner: 'data-platform',
      'lakeshore.tags': 'gold, flights,gold ,',
      'lakeshore.badge': 'deprecated',
      'lakeshore.badge-reason': 'use demo.flights_v2',
    }
    expect(readAbout(properties)).toEqual({
      description: 'Flights of a year',
      owner: 'data-platform',
      tags: ['gold', 'flights'],
      badge: 'deprecated',
      badgeReason: 'use demo.flights_v2',
    })
  })

  it('is nothing where values are empty, unknown or too many', () => {
    const tags = Array.from({ length: MAX_TAGS + 5 }, (_, i) => `t${i}`).join()
    const about = readAbout({
      comment: '',
      'lakeshore.badge': 'golden',
      'lakeshore.badge-reason': 'x',
      'lakeshore.tags': tags,
    })
    expect(about).toMatchObject({ description: null, owner: null, badge: null, badgeReason: null })
    expect(about.tags).toHaveLength(MAX_TAGS)
    expect(readAbout({ 'lakeshore.tags': 'seen,un\u202eseen' }).tags).toEqual(['seen'])
  })

  it('is the same after it was written', () => {
    const word = fc.stringMatching(/^[a-z][a-z ]{0,10}[a-z]$/)
    const about = fc.record({
      description: fc.option(word),
      owner: fc.option(word),
      tags: fc.uniqueArray(word, { maxLength: MAX_TAGS }),
      badge: fc.option(fc.constantFrom(...BADGES)),
      badgeReason: fc.option(word),
    })
    fc.assert(
      fc.property(about, (said) => {
        const set = [...aboutProperties(said)].flatMap(([key, value]) => (value === null ? [] : [[key, value]]))
        expect(readAbout(Object.fromEntries(set))).toEqual({ ...said, badgeReason: said.badge && said.badgeReason })
      }),
      propertyRuns(),
    )
  })

  it('is checked where properties are set', () => {
    expect(tagsProblem('a, b')).toBeNull()
    expect(propertyValueProblem('lakeshore.tags', 'x'.repeat(61))).toContain('at most 60')
    expect(propertyValueProblem('lakeshore.tags', Array.from({ length: 21 }, (_, i) => i).join())).toContain('20 tags')
    expect(propertyValueProblem('lakeshore.badge', 'golden')).toContain('certified, deprecated')
    expect(propertyValueProblem('lakeshore.protected', 'yes')).toContain('true or false')
  })
})

it('A column has tags and a badge by its id', () => {
  const properties = {
    'lakeshore.column.7.tags': 'pii, email',
    'lakeshore.column.7.badge': 'deprecated',
    'lakeshore.column.7.badge-reason': 'use contact',
    'lakeshore.column.07.badge': 'certified',
  }
  expect(readColumnAbout(properties, 7)).toEqual({
    tags: ['pii', 'email'],
    badge: 'deprecated',
    badgeReason: 'use contact',
  })
  expect(readColumnAbout(properties, 8)).toEqual({ tags: [], badge: null, badgeReason: null })
  expect(propertyValueProblem('lakeshore.column.7.badge', 'golden')).toContain('certified, deprecated')
  expect(findProperty('lakeshore.column.07.badge')).toBeNull()
  expect(
    setPropertyDescription.describe({
      kind: 'set-property',
      key: 'lakeshore.column.7.badge',
      value: 'certified',
      base: null,
      column: ['email'],
    }),
  ).toEqual(['Set', 'the badge of', { name: 'email' }, 'to', { value: 'certified' }])
})

it('A table is protected by a property that says true', () => {
  expect([{}, { 'lakeshore.protected': 'false' }, { 'lakeshore.protected': 'True' }].map(isProtected)).toEqual([
    false,
    false,
    true,
  ])
})
