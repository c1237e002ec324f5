import { describe, expect, it } from 'vitest'
import {
  doneShare,
  findRunKind,
  MAX_RUN_COUNTERS,
  MAX_RUN_WARNINGS,
  phaseLabel,
  RUN_KINDS,
  runKindTitle,
  runWarnings,
} from './run-kinds'

describe('A kind of run', () => {
  it.each(Object.entries(RUN_KINDS))('%s has a title of its own and labels for all it says', (kind) => {
    const described = findRunKind(kind)
    expect(described).not.toBeNull()
    const { title, phases, counters, outcome, summary, warnings } = described!
    const others = Object.entries(RUN_KINDS).filter(([other]) => other !== kind)
    expect(others.map(([, other]) => other.title)).not.toContain(title)
    expect(title).not.toBe(kind)
    expect(Object.keys(counters).length).toBeLessThanOrEqual(MAX_RUN_COUNTERS)
    expect(Object.keys(warnings).length).toBeLessThanOrEqual(MAX_RUN_WARNINGS)
    for (const { field, totalField } of Object.values(warnings)) {
      expect(outcome[field]).toBeDefined()
      expect(outcome[totalField ?? field]).toBeDefined()
    }
    for (const label of Object.values(phases)) expect(label).not.toBe('')
    for (const field of summary === null ? [] : [summary.field, summary.totalField ?? summary.field])
      expect(outcome[field]?.format).toBe('count')
  })

  it('of another version is shown by its name, with the phases that it reports', () => {
    expect(runKindTitle('from-tomorrow')).toBe('from-tomorrow')
    expect(runKindTitle('toString')).toBe('toString')
    expect(findRunKind('from-tomorrow')).toBeNull()
    expect(phaseLabel('from-tomorrow', { phase: 'flying' })).toBe('flying')
  })

  it('starts before its first phase', () => {
    expect(phaseLabel('ingest', null)).toBe('starting')
    expect(phaseLabel('ingest', { phase: null })).toBe('starting')
    expect(phaseLabel('clone-table', { phase: 'creating' })).toBe('creating the table')
  })
})

it('A run that succeeded has warnings about what it rejected, left or found wrong, and no others', () => {
  expect(runWarnings('ingest', { rowsCommitted: 5, rowsRejected: 12 })).toEqual({ rowsRejected: 12 })
  expect(runWarnings('ingest', { rowsCommitted: 5, rowsRejected: 0 })).toEqual({})
  expect(runWarnings('check-table', { passedCount: 3, checkCount: 5 })).toEqual({ checksNotPassed: 2 })
  expect(runWarnings('check-table', { passedCount: 5, checkCount: 5 })).toEqual({})
  expect(runWarnings('index-catalog', { unreadable: 1, isTruncated: true })).toEqual({
    namespacesUnreadable: 1,
    isTruncated: 1,
  })
  expect(runWarnings('change-tables', { failedCount: 2, changedCount: 4 })).toEqual({ tablesFailed: 2 })
  expect(runWarnings('ingest', null)).toEqual({})
  expect(runWarnings('from-tomorrow', { rowsRejected: 1 })).toEqual({})
})

it('A share of what is done needs a total', () => {
  expect(doneShare(null)).toBeNull()
  expect(doneShare({ done: 3, total: null })).toBeNull()
  expect(doneShare({ done: 0, total: 0 })).toBeNull()
  expect(doneShare({ done: 3, total: 12 })).toBe(0.25)
  expect(doneShare({ done: 13, total: 12 })).toBe(1)
})
