import { describe, expect, it } from 'vitest'
import {
  AGES,
  ageSuggestions,
  draftFromText,
  draftProblems,
  draftText,
  emptyExpiryAdvice,
  type ExpiryDraft,
  KEPT_COUNTS,
  subjectText,
  toChoice,
} from './expiry-choice'

const HOUR_MS = 3_600_000
const draft = (fields: Partial<ExpiryDraft>): ExpiryDraft => ({ ...draftFromText('table'), ...fields })
const removeFilesAfterMs = 24 * HOUR_MS

describe('The choice of what expires', () => {
  it('has any age and any number that the API takes', () => {
    expect(toChoice(draft({}))).toEqual({ removeFilesAfterMs })
    expect(toChoice(draft({ age: ' 36 hours', keep: '7 ' }))).toEqual({
      maxAgeMs: 36 * HOUR_MS,
      retainLast: 7,
      removeFilesAfterMs,
    })
    expect(toChoice(draft({ age: '1 day 12 h', keep: 'at least 2,147,483,647', window: 'never' }))).toEqual({
      maxAgeMs: 36 * HOUR_MS,
      retainLast: 2_147_483_647,
      removeFilesAfterMs: null,
    })
    expect(toChoice(draft({ age: '104,249,991 days' }))).toMatchObject({ maxAgeMs: 104_249_991 * 24 * HOUR_MS })
    expect(toChoice(draft({ age: '0 days' }))).toMatchObject({ maxAgeMs: 0 })
  })

  it('has every suggestion', () => {
    for (const age of AGES) expect(toChoice(draft({ age }))).toHaveProperty('maxAgeMs')
    for (const keep of KEPT_COUNTS) expect(toChoice(draft({ keep }))).toHaveProperty('retainLast')
  })

  it('gets units as suggestions for a number without one', () => {
    expect(ageSuggestions('36')).toEqual(['36 hours', '36 days'])
    expect(ageSuggestions('1')).toEqual(['1 hour', '1 day'])
    expect(ageSuggestions('24 hours')).toBe(AGES)
  })

  it.each([
    [{ age: '36' }, 'age', 'Add a unit, such as hours or days.'],
    [{ age: '-1 days' }, 'age', 'Type a number with a unit, such as 36 hours or 10 days.'],
    [{ age: 'a week or so' }, 'age', 'Type a number with a unit, such as 36 hours or 10 days.'],
    [{ age: '104249992 days' }, 'age', 'Type at most 104,249,991 days.'],
    [{ keep: '0' }, 'keep', 'Type a whole number from 1 to 2,147,483,647.'],
    [{ keep: '2147483648' }, 'keep', 'Type a whole number from 1 to 2,147,483,647.'],
    [{ keep: '1.5' }, 'keep', 'Type a whole number from 1 to 2,147,483,647.'],
    [{ keep: 'all' }, 'keep', 'Type a whole number from 1 to 2,147,483,647.'],
  ] as const)('is none, with a reason, of %j', (fields, field, problem) => {
    expect(toChoice(draft(fields))).toBeNull()
    expect(draftProblems(draft(fields))[field]).toBe(problem)
  })

  it('is of exactly the ids that are typed, and none without any', () => {
    const ids = '9007199254740993\n9007199254740992'
    expect(toChoice(draft({ by: 'ids', ids, age: 'nonsense' }))).toEqual({
      olderThanMs: 0,
      snapshotIds: ['9007199254740993', '9007199254740992'],
      removeFilesAfterMs,
    })
    expect(toChoice(draft({ by: 'ids', ids: ' ' }))).toBeNull()
    expect(toChoice(draft({ by: 'ids', ids: '1 x' }))).toBeNull()
  })

  it('is in the address, without more ids than an address takes', () => {
    for (const text of ['table', 'before:2026-11-23T00:35:00Z', '12', '9007199254740993,-4', 'ids'])
      expect(draftText(draftFromText(text))).toBe(text)
    expect(draftFromText('before:3000').beforeMs).toBe(3000)
    // Without an offset it is not an instant.
    for (const text of ['whatever', 'before:2026-11-23T00:35:00']) expect(draftText(draftFromText(text))).toBe('table')
    expect(draftText(draft({ by: 'ids', ids: 'x' }))).toBeNull()
    const many = Array.from({ length: 201 }, (_, i) => String(i))
    expect(subjectText({ kind: 'snapshots', ids: many })).toBe('ids')
    expect(subjectText({ kind: 'snapshots', ids: many.slice(1) })).toBe(many.slice(1).join(','))
  })
})

describe('The advice when nothing would expire', () => {
  const KEEPS_FIVE = { 'history.expire.min-snapshots-to-keep': '5' }

  it.each([
    ['the defaults', {}, {}, 'Choose a shorter age.'],
    ['a table that keeps five', {}, KEEPS_FIVE, 'Choose a shorter age, or keep fewer snapshots of each branch.'],
    ['one that is kept instead', { retainLast: 1 }, KEEPS_FIVE, 'Choose a shorter age.'],
    ['any age', { maxAgeMs: 0, retainLast: 2 }, {}, 'Keep fewer snapshots of each branch.'],
    ['all that can expire', { maxAgeMs: 0, retainLast: 1 }, {}, null],
    ['chosen snapshots', { olderThanMs: 0, snapshotIds: ['12'] }, {}, null],
  ])('leaves out what would not help: %s', (_what, choice, properties, advice) => {
    expect(emptyExpiryAdvice({ removeFilesAfterMs, ...choice }, properties)).toBe(advice)
  })
})
