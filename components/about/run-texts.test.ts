import { describe, expect, it } from 'vitest'
import type { RunProgress } from '@/lib/contract/run-kinds'
import { counterTexts, doneText, phaseText, summaryText, undoText, warningTexts } from './run-texts'

const REMOVING: RunProgress = { phase: 'removing', done: 7, total: null, unit: 'files', counters: { filesRetained: 1 } }
const CHECKING: RunProgress = { phase: 'checking', done: 2, total: 3, unit: 'checks', counters: { checksPassed: 1 } }
const READING: RunProgress = {
  phase: 'reading',
  done: 1024,
  total: 2048,
  unit: 'bytes',
  counters: { rowsRead: 100, filesWritten: 1 },
}

describe('Progress of a run', () => {
  it('says what is done in the unit of its kind', () => {
    expect(doneText(REMOVING)).toBe('7 files')
    expect(doneText({ ...REMOVING, done: 0 })).toBeNull()
    expect(doneText(CHECKING)).toBe('2 of 3 checks')
    expect(doneText({ ...REMOVING, unit: 'objects', done: 1 })).toBe('1 table or view')
    expect(doneText(READING)).toBe('1.00 KiB of 2.00 KiB')
  })

  it('says in one line how far the phase is, unless a bar shows it in bytes', () => {
    expect(phaseText('check-table', CHECKING)).toBe('running checks: 2 of 3')
    expect(phaseText('purge-table', REMOVING)).toBe('removing')
    expect(phaseText('ingest', READING)).toBe('reading')
    expect(phaseText('ingest', null)).toBe('starting')
  })

  it('names its counters, with rates where they matter', () => {
    expect(counterTexts('ingest', READING, 2)).toEqual(['100 rows', '50 rows/s', '1 file'])
    expect(counterTexts('ingest', READING, 100)).toEqual(['100 rows', '1 row/s', '1 file'])
    expect(counterTexts('ingest', READING, null)).toEqual(['100 rows', '1 file'])
    expect(counterTexts('purge-table', REMOVING, 2)).toEqual(['1 file kept'])
  })
})

describe('The outcome of a run', () => {
  it('names what a run that succeeded rejected or found wrong', () => {
    expect(warningTexts('ingest', { rowsRejected: 12 })).toEqual(['12 rows rejected'])
    expect(warningTexts('check-table', { checksNotPassed: 1 })).toEqual(['1 check did not pass'])
    expect(warningTexts('index-catalog', { isTruncated: 1 })).toEqual(['the rest of the catalog is not indexed'])
    expect(warningTexts('from-tomorrow', { rowsBent: 3 })).toEqual(['rowsBent 3'])
    expect(undoText(1_200, 1_201)).toBe('undone: 1,200 of 1,201 tables restored')
  })

  it('is summed up as its kind says', () => {
    expect(summaryText('ingest', { rowsCommitted: 1_234 })).toBe('1,234 rows')
    expect(summaryText('ingest', { rowsCommitted: 0, newFileCount: 0 })).toBe('no new files')
    expect(summaryText('ingest', { rowsCommitted: 7, newFileCount: 2 })).toBe('7 rows')
    expect(summaryText('check-table', { passedCount: 2, checkCount: 3 })).toBe('2 of 3 checks passed')
    expect(summaryText('purge-table', { filesRemoved: 1 })).toBe('1 file removed')
    expect(summaryText('index-catalog', { listed: 12, read: 3, isTruncated: false })).toBe('12 tables and views')
  })

  it('is not summed up without its figures, or for a kind of another version', () => {
    expect(summaryText('ingest', null)).toBeNull()
    expect(summaryText('compression-trial', { pageCount: 3 })).toBeNull()
    expect(summaryText('from-tomorrow', { rowsCommitted: 3 })).toBeNull()
  })
})
