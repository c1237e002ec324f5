import { describe, expect, it } from 'vitest'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { addSample, type RateSample, toRates, toSample } from './rate-samples'

describe('The samples of a load', () => {
  it('are the rows of a load that is reading, by the clock of the server', () => {
    expect(toSample(SAMPLE_RUN)).toEqual({ atMs: 5_000, rowsRead: 8_000 })
    expect(toSample({ ...SAMPLE_RUN, state: 'succeeded' })).toBeNull()
    const writing = { ...SAMPLE_RUN.progress!, phase: 'writing' }
    expect(toSample({ ...SAMPLE_RUN, progress: writing })).toBeNull()
    const estimated = { ...writing, counters: { rowsRead: 0, rowsReadEstimate: 9_000 } }
    expect(toSample({ ...SAMPLE_RUN, progress: estimated })).toEqual({ atMs: 5_000, rowsRead: 9_000 })
  })

  it('gives the rate between two samples', () => {
    const samples = [
      { atMs: 1_000, rowsRead: 0 },
      { atMs: 3_000, rowsRead: 4_000 },
      { atMs: 3_500, rowsRead: 4_000 },
    ]
    expect(toRates(samples)).toEqual([
      { atMs: 3_000, rowsPerSecond: 2_000 },
      { atMs: 3_500, rowsPerSecond: 0 },
    ])
  })

  it('begins again with another attempt, and leaves out what is no newer', () => {
    const first = { atMs: 1_000, rowsRead: 5_000 }
    expect(addSample([first], { atMs: 1_000, rowsRead: 6_000 })).toEqual([first])
    expect(addSample([first], { atMs: 2_000, rowsRead: 10 })).toEqual([{ atMs: 2_000, rowsRead: 10 }])
    // A count after an estimate.
    expect(addSample([first], { atMs: 2_000, rowsRead: 4_900 })).toEqual([first])
  })

  it('keeps a bounded number of samples over the whole time', () => {
    let samples: readonly RateSample[] = []
    for (let i = 1; i <= 10_000; i++) samples = addSample(samples, { atMs: i, rowsRead: i })
    expect(samples.length).toBeLessThanOrEqual(240)
    expect(samples.length).toBeGreaterThan(100)
    expect([samples[0]?.atMs, samples.at(-1)?.atMs]).toEqual([1, 10_000])
  })
})
