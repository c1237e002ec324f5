import { describe, expect, it } from 'vitest'
import { doneShare, findRunKind, MAX_RUN_COUNTERS, phaseLabel, RUN_KINDS, runKindTitle } from './run-kinds'

describe('A kind of run', () => {
  it.each(Object.entries(RUN_KINDS))('%s has a title of its own and labels for all it says', (kind) => {
    const described = findRunKind(kind)
    expect(described).not.toBeNull()
    const { title, phases, counters, outcome, summary } = described!
    const others = Object.entries(RUN_KINDS).filter(([other]) => other !== kind)
    expect(others.map(([, other]) => other.title)).not.toContain(title)
    expect(title).not.toBe(kind)
    expect(Object.keys(counters).length).toBeLessThanOrEqual(MAX_RUN_COUNTERS)
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

it('A share of what is done needs a total', () => {
  expect(doneShare(null)).toBeNull()
  expect(doneShare({ done: 3, total: null })).toBeNull()
  expect(doneShare({ done: 0, total: 0 })).toBeNull()
  expect(doneShare({ done: 3, total: 12 })).toBe(0.25)
  expect(doneShare({ done: 13, total: 12 })).toBe(1)
})
