import { describe, expect, it } from 'vitest'
import type { Run } from '@/lib/contract/jobs'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { estimateRowCount, estimateTimeLeftMs, toLoadCounts, toLoadSteps } from './load-progress'

const at = (done: number, more: Partial<Run> = {}): Run => ({
  ...SAMPLE_RUN,
  ...more,
  progress: { ...SAMPLE_RUN.progress!, done, total: 1_000 },
})

describe('The time left', () => {
  it('follows from the share of the input that was read', () => {
    expect(estimateTimeLeftMs(at(250))).toBe(12_000)
    expect(estimateRowCount(at(250))).toBe(32_000)
  })

  it.each([
    ['too little was read', at(49)],
    ['everything was read, and files are still written', at(1_000)],
    ['it has just begun', at(250, { durationMs: 1_999 })],
    ['it has ended', at(250, { state: 'failed' })],
    ['the size of the input is not known', { ...at(250), progress: { ...SAMPLE_RUN.progress!, total: null } }],
  ])('is not known when %s', (_, run) => {
    expect(estimateTimeLeftMs(run)).toBeNull()
    expect(estimateRowCount(run)).toBeNull()
  })
})

describe('The counts of a load', () => {
  it('are those of its progress, its outcome, or of the rejects for which it stopped', () => {
    const progress = {
      ...SAMPLE_RUN.progress!,
      counters: { rowsRead: 10, rowsRejected: 3, filesWritten: 1, storedBytesWritten: 7 },
    }
    expect(toLoadCounts({ progress, outcome: null, error: null })).toMatchObject({
      rowsAccepted: 7,
      rowsRejected: 3,
      storedBytes: 7,
    })
    const error = { code: 'rows-rejected' as const, detail: '', facts: { rowsRejected: 4, rowsRead: 12 } }
    expect(toLoadCounts({ progress, outcome: null, error })).toMatchObject({ rowsRead: 12, rowsRejected: 4 })
    const outcome = { rowsRead: 20, rowsCommitted: 15, rowsRejected: 5, fileCount: 2, storedBytes: 9 }
    expect(toLoadCounts({ progress, outcome, error: null })).toEqual({
      rowsRead: 20,
      rowsReadEstimate: null,
      rowsAccepted: 15,
      rowsRejected: 5,
      fileCount: 2,
      plainBytes: null,
      storedBytes: 9,
    })
  })
})

describe('The steps of a load', () => {
  const states = (run: Run, isUpsert: boolean | null = false) =>
    toLoadSteps(run, isUpsert).map(({ label, state }) => `${label} ${state}`)
  const inPhase = (phase: string | null, state: Run['state'] = 'running') => ({
    ...at(100, { state }),
    ...(phase === null ? { progress: null } : { progress: { ...SAMPLE_RUN.progress!, phase } }),
  })

  it('come once, although files are read, checked and written in turns', () => {
    expect(states(inPhase('writing'))).toEqual(['open done', 'read, check, write: writing current', 'commit once open'])
    expect(states(inPhase('reading'))).toEqual(['open done', 'read, check, write: reading current', 'commit once open'])
    const error = { code: 'rows-rejected' as const, detail: '', facts: { rowsRejected: 4, rowsRead: 12 } }
    expect(states({ ...inPhase(null, 'failed'), error })).toEqual([
      'open done',
      'read, check, write stopped',
      'commit once open',
    ])
    expect(states(inPhase(null, 'queued'))).toEqual(['open open', 'read, check, write open', 'commit once open'])
  })

  it('say how much of the files is copied, which is part of reading them once rows were read', () => {
    const copying = (rowsRead: number, total: number | null): Run => ({
      ...inPhase('copying'),
      progress: { ...SAMPLE_RUN.progress!, phase: 'copying', total, counters: { rowsRead, bytesCopied: 2_048 } },
    })
    expect(states(copying(0, 4_096))[0]).toBe('open: copying, 2.00 KiB of 4.00 KiB current')
    expect(states(copying(0, null))[0]).toBe('open: copying, 2.00 KiB current')
    expect(states(copying(5, 4_096)).slice(0, 2)).toEqual([
      'open done',
      'read, check, write: copying, 2.00 KiB of 4.00 KiB current',
    ])
    expect(states({ ...copying(0, 4_096), state: 'failed' })[0]).toBe('open stopped')
  })

  it('have one more for an upsert, and stop where the load stopped', () => {
    expect(states(inPhase('matching', 'failed'), true)).toEqual([
      'open done',
      'read, check, write done',
      'find rows to replace stopped',
      'commit once open',
    ])
    expect(states(inPhase('committing', 'succeeded'), true)).toEqual([
      'open done',
      'read, check, write done',
      'find rows to replace done',
      'commit once done',
    ])
  })
})
