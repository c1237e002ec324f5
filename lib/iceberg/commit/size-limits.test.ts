import { describe, expect, it } from 'vitest'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { sampleViewVersion, sampleView } from '@/testing/iceberg/sample-view'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import {
  enforcePropertyLimits,
  enforceTableLimits,
  enforceUpdateLimits,
  enforceViewVersionLimits,
  enforceViewLimits,
} from './size-limits'
import { MAX_PROPERTY_CHARS } from '../text-limits'

const maxText = 'x'.repeat(MAX_PROPERTY_CHARS)
const oversizedText = `${maxText}x`

describe('A property', () => {
  it('may be as long as the limit and no longer, and the error names it, its length and the limit', () => {
    enforcePropertyLimits({ comment: maxText })
    const error = catchAppError(() => enforcePropertyLimits({ comment: oversizedText }))
    expect(error).toMatchObject({
      code: 'invalid-request',
      facts: { property: 'comment', chars: 1_048_577, maxChars: 1_048_576 },
    })
    expect(error.message).toContain('The property comment: 1,048,577 characters, but the limit is 1,048,576')
    expect(error.message).toContain('Nothing was changed.')
  })

  it('that is already longer may stay or become shorter, but not longer', () => {
    const before = { comment: `${oversizedText}xx` }
    enforcePropertyLimits({ ...before, owner: 'me' }, before)
    enforcePropertyLimits({ comment: oversizedText }, before)
    expect(catchAppError(() => enforcePropertyLimits({ comment: `${oversizedText}xxx` }, before)).facts.property).toBe(
      'comment',
    )
    expect(catchAppError(() => enforcePropertyLimits({ ...before, other: oversizedText }, before)).facts.property).toBe(
      'other',
    )
  })

  it('has a limited name', () => {
    enforcePropertyLimits({ ['n'.repeat(1000)]: '' })
    expect(catchAppError(() => enforcePropertyLimits({ ['n'.repeat(1001)]: '' })).message).toContain(
      'The name of the property',
    )
  })

  it('counts towards the total, and a table above the limit may remove some', () => {
    const many = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`p${i}`, maxText]))
    expect(catchAppError(() => enforcePropertyLimits(many)).message).toContain('All properties together:')
    const { p0: _, ...fewer } = many
    enforcePropertyLimits({ ...fewer, small: 'x' }, many)
    expect(catchAppError(() => enforcePropertyLimits({ ...many, small: 'x' }, many)).facts.property).toBe(null)
  })
})

describe('A commit', () => {
  it('is checked by the total of its updates', () => {
    const sets = (updates: Record<string, string>) => ({ action: 'set-properties' as const, updates })
    enforceUpdateLimits(
      [sets({ a: maxText }), sets({ b: maxText }), { action: 'remove-properties', removals: ['a'] }],
      null,
    )
    const many = ['a', 'b', 'c', 'd'].map((name) => sets({ [name]: maxText }))
    expect(catchAppError(() => enforceUpdateLimits(many, null)).facts.property).toBe(null)
    enforceUpdateLimits([...many, { action: 'remove-properties', removals: ['a'] }], null)
    enforceUpdateLimits([{ action: 'set-location', location: 's3://lake/t' }], {
      properties: { comment: oversizedText },
    })
  })

  it('cannot add a snapshot whose summary is too long', () => {
    const snapshot = sampleSnapshot(0, { summary: { operation: 'append', notes: oversizedText } })
    const error = catchAppError(() => enforceUpdateLimits([{ action: 'add-snapshot', snapshot }], null))
    expect(error.facts.property).toBe('notes')
    expect(error.message).toContain(`The summary of snapshot ${snapshot.snapshotId}, most of it notes:`)
    expect(catchAppError(() => enforceTableLimits(sampleMetadata({ snapshots: [snapshot] }))).facts.property).toBe(
      'notes',
    )
    enforceTableLimits(sampleMetadata())
  })
})

describe('The version of a view', () => {
  const sql = (text: string, dialect = 'spark') => ({ type: 'sql' as const, sql: text, dialect })
  const versionOf = (...representations: ReturnType<typeof sql>[]) => sampleViewVersion({ representations })

  it('has a limit for each text and for all of them together', () => {
    enforceViewVersionLimits(versionOf(sql(maxText)))
    expect(catchAppError(() => enforceViewVersionLimits(versionOf(sql(oversizedText, 'trino')))).message).toContain(
      "The view's text in trino",
    )
    const dialects = ['a', 'b', 'c', 'd', 'e'].map((dialect) => sql(maxText, dialect))
    expect(catchAppError(() => enforceViewVersionLimits(versionOf(...dialects))).message).toContain(
      "All of the view's texts together",
    )
  })

  it('has the same limit for texts that are not SQL and for the summary', () => {
    const other = sampleViewVersion({
      representations: [{ type: 'other', json: { type: 'tree', plan: oversizedText } }],
    })
    expect(catchAppError(() => enforceViewVersionLimits(other)).facts.property).toBe('another language')
    const longSummary = sampleViewVersion({ summary: { 'engine-name': oversizedText } })
    expect(catchAppError(() => enforceViewLimits(sampleView({ versions: [longSummary] }))).facts.property).toBe(
      'engine-name',
    )
    enforceViewLimits(sampleView())
  })
})
