import { describe, expect, it } from 'vitest'
import { sampleMetadata, sampleSnapshot } from './sample-metadata'
import { sampleVersion, sampleView } from './sample-view'
import { thrownBy } from './thrown'
import {
  MAX_PROPERTY_CHARS,
  requirePropertiesFit,
  requireTableFits,
  requireUpdatesFit,
  requireVersionFits,
  requireViewFits,
} from './size-limits'

const fits = 'x'.repeat(MAX_PROPERTY_CHARS)
const long = `${fits}x`

describe('A property', () => {
  it('may be as long as the bound and no longer, and the refusal names it, its length and the bound', () => {
    requirePropertiesFit({ comment: fits })
    const error = thrownBy(() => requirePropertiesFit({ comment: long }))
    expect(error).toMatchObject({
      code: 'invalid-request',
      facts: { property: 'comment', chars: 1_048_577, maxChars: 1_048_576 },
    })
    expect(error.message).toContain('The property comment: 1,048,577 characters are more than the 1,048,576')
    expect(error.message).toContain('Nothing was changed.')
  })

  it('that is longer already may stay, or become shorter, and not longer', () => {
    const before = { comment: `${long}xx` }
    requirePropertiesFit({ ...before, owner: 'me' }, before)
    requirePropertiesFit({ comment: long }, before)
    expect(thrownBy(() => requirePropertiesFit({ comment: `${long}xxx` }, before)).facts.property).toBe('comment')
    expect(thrownBy(() => requirePropertiesFit({ ...before, other: long }, before)).facts.property).toBe('other')
  })

  it('has a name that is no text of its own', () => {
    requirePropertiesFit({ ['n'.repeat(1000)]: '' })
    expect(thrownBy(() => requirePropertiesFit({ ['n'.repeat(1001)]: '' })).message).toContain(
      'The name of the property',
    )
  })

  it('counts with the others, of which a table that has too many may lose some', () => {
    const many = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`p${i}`, fits]))
    expect(thrownBy(() => requirePropertiesFit(many)).message).toContain('All properties together:')
    const { p0: _, ...fewer } = many
    requirePropertiesFit({ ...fewer, small: 'x' }, many)
    expect(thrownBy(() => requirePropertiesFit({ ...many, small: 'x' }, many)).facts.property).toBe(null)
  })
})

describe('A commit', () => {
  it('is judged by what its updates come to together', () => {
    const sets = (updates: Record<string, string>) => ({ action: 'set-properties' as const, updates })
    requireUpdatesFit([sets({ a: fits }), sets({ b: fits }), { action: 'remove-properties', removals: ['a'] }], null)
    const many = ['a', 'b', 'c', 'd'].map((name) => sets({ [name]: fits }))
    expect(thrownBy(() => requireUpdatesFit(many, null)).facts.property).toBe(null)
    requireUpdatesFit([...many, { action: 'remove-properties', removals: ['a'] }], null)
    requireUpdatesFit([{ action: 'set-location', location: 's3://lake/t' }], { properties: { comment: long } })
  })

  it('brings no snapshot whose summary is longer than it may be', () => {
    const snapshot = sampleSnapshot(0, { summary: { operation: 'append', notes: long } })
    const error = thrownBy(() => requireUpdatesFit([{ action: 'add-snapshot', snapshot }], null))
    expect(error.facts.property).toBe('notes')
    expect(error.message).toContain(`The summary of snapshot ${snapshot.snapshotId}, most of it notes:`)
    expect(thrownBy(() => requireTableFits(sampleMetadata({ snapshots: [snapshot] }))).facts.property).toBe('notes')
    requireTableFits(sampleMetadata())
  })
})

describe('The version of a view', () => {
  const sql = (text: string, dialect = 'spark') => ({ type: 'sql' as const, sql: text, dialect })
  const versionOf = (...representations: ReturnType<typeof sql>[]) => sampleVersion({ representations })

  it('has texts as long as the bound, each and together', () => {
    requireVersionFits(versionOf(sql(fits)))
    expect(thrownBy(() => requireVersionFits(versionOf(sql(long, 'trino')))).message).toContain(
      "The view's text in trino",
    )
    const dialects = ['a', 'b', 'c', 'd', 'e'].map((dialect) => sql(fits, dialect))
    expect(thrownBy(() => requireVersionFits(versionOf(...dialects))).message).toContain(
      "All of the view's texts together",
    )
  })

  it('has texts that are not SQL no longer either, and a summary', () => {
    const other = sampleVersion({ representations: [{ type: 'other', json: { type: 'tree', plan: long } }] })
    expect(thrownBy(() => requireVersionFits(other)).facts.property).toBe('another language')
    const noted = sampleVersion({ summary: { 'engine-name': long } })
    expect(thrownBy(() => requireViewFits(sampleView({ versions: [noted] }))).facts.property).toBe('engine-name')
    requireViewFits(sampleView())
  })
})
