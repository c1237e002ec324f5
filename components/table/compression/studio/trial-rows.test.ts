import { describe, expect, it } from 'vitest'
import type { CodecTrial, CompressionSample } from '@/lib/contract/table/compression'
import { reasonsFor, recommend, speedText, trialRows, yearText } from './trial-rows'

const MB = 1_000_000

/** 10 MB in the time that the speeds in MB/s mean. */
function trial(codec: string, level: number | null, storedMb: number, encode: number, decode: number): CodecTrial {
  const encodedBytes = 10 * MB
  return {
    codec,
    level,
    encodedBytes,
    storedBytes: storedMb * MB,
    encodeMs: 10_000 / encode,
    decodeMs: 10_000 / decode,
    change: storedMb / 4 - 1,
    error: 0,
  }
}

function sampleOf(...trials: CodecTrial[]): CompressionSample {
  return { fieldId: 1, fileCount: 3, pageCount: 20, encodedBytes: 10 * MB, storedBytes: 4 * MB, trials }
}

/** Ten times the sample. */
const COLUMN = { storedBytes: 40 * MB, encodedBytes: 90 * MB }
const SET = trial('zstd', 3, 4, 268, 1205)
const ZSTD9 = trial('zstd', 9, 3.4, 61, 1290)
const ZSTD15 = trial('zstd', 15, 3.1, 11, 1284)
const BROTLI = trial('brotli', 5, 3, 92, 468)
const rowsOf = (...trials: CodecTrial[]) => trialRows(sampleOf(...trials), COLUMN, { codec: 'zstd', level: 3 })

describe('Trials of codecs', () => {
  it('are projected on the whole column, and compared with what is stored now', () => {
    const [set, nine] = rowsOf(SET, ZSTD9)
    expect(set).toMatchObject({ label: 'zstd 3', isSet: true, projectedBytes: 40 * MB, change: 0 })
    expect(nine).toMatchObject({ label: 'zstd 9', isSet: false, projectedBytes: 34 * MB })
    expect(nine?.change).toBeCloseTo(-0.15)
    expect(nine?.encodeBytesPerS).toBeCloseTo(61 * MB)
  })

  it('take the size without compression from the footers', () => {
    const [row] = rowsOf(trial('uncompressed', null, 10, 1000, 1000))
    expect(row).toMatchObject({ projectedBytes: COLUMN.encodedBytes, errorBytes: 0, change: 1.25 })
  })

  it('say by how much they may be wrong, and promise nothing within that', () => {
    const [set, near, far] = rowsOf(SET, { ...ZSTD9, error: 0.2 }, { ...ZSTD9, error: 0.05 })
    if (!set || !near || !far) throw new Error('a row is missing')
    const facts = { storedBytes: 40 * MB, price: null, loadedBytesPerDay: 10 * MB }
    expect(reasonsFor(near, set, facts)[0]).toEqual({
      tone: 'info',
      text: '−5.72 MiB ± 7.63 MiB once rewritten: the sample does not show whether the size changes.',
    })
    expect(reasonsFor(far, set, facts)[0]?.text).toMatch(/^−5\.72 MiB ± 1\.91 MiB, 15\.0% less, once rewritten/)
    expect(recommend([set, near]).row).toBeNull()
    expect(recommend([set, far]).row).toBe(far)
    expect(yearText(near, facts)).toBeNull()
  })

  it('know what is set also when no level is, which is the usual one', () => {
    const rows = trialRows(sampleOf(SET, ZSTD9), COLUMN, { codec: 'zstd', level: null })
    expect(rows.map(({ label, isSet }) => [label, isSet])).toEqual([
      ['zstd 3', true],
      ['zstd 9', false],
    ])
  })

  it('leave out a codec that no page was tried with', () => {
    expect(rowsOf(SET, { ...ZSTD9, encodedBytes: 0 }).map(({ label }) => label)).toEqual(['zstd 3'])
  })

  it('recommend the smallest codec that every engine reads and that is fast enough, with what was passed over', () => {
    const { row, reasons } = recommend(rowsOf(SET, ZSTD9, ZSTD15, BROTLI))
    expect(row?.label).toBe('zstd 9')
    expect(reasons).toEqual([
      { tone: 'info', text: expect.stringMatching(/^brotli 5 is 25.0% smaller than now, but .* cannot read it\.$/) },
      { tone: 'info', text: 'zstd 15 is 22.5% smaller than now, but writes 11 MB/s only.' },
    ])
    expect(recommend(rowsOf(SET, ZSTD9, ZSTD15)).reasons).toEqual([
      { tone: 'info', text: 'zstd 15 is 22.5% smaller than now, but writes 11 MB/s only.' },
    ])
    expect(recommend(rowsOf(SET, ZSTD9, trial('gzip', 6, 3, 42, 402))).reasons).toEqual([
      { tone: 'info', text: expect.stringContaining('gzip 6 is 25.0% smaller than now, but reads 66.6% slower.') },
    ])
  })

  it('recommend no change that saves less than 3 %', () => {
    const { row, reasons } = recommend(rowsOf(SET, trial('zstd', 9, 3.9, 61, 1290)))
    expect(row).toBeNull()
    expect(reasons).toEqual([{ tone: 'good', text: 'No tried codec saves 3 %.' }])
  })

  it('say that what is set is smaller than the files, where another codec wrote them', () => {
    const set = trial('zstd', 9, 3.1, 61, 1290)
    const rows = trialRows(sampleOf(trial('zstd', 3, 4, 268, 1205), set), COLUMN, { codec: 'zstd', level: 9 })
    expect(recommend(rows)).toEqual({
      row: null,
      reasons: [
        {
          tone: 'good',
          text: 'zstd 9, which is set, is 22.5% smaller than the files now, once rewritten. No tried codec saves another 3 %.',
        },
      ],
    })
    // A percent less than what is set is not a reason to change the setting.
    const near = trial('zstd', 15, 3.07, 40, 1284)
    const withNear = trialRows(sampleOf(set, near), COLUMN, { codec: 'zstd', level: 9 })
    expect(recommend(withNear).row).toBeNull()
  })

  it('do not deny a saving that the sample leaves open', () => {
    const { row, reasons } = recommend(rowsOf(SET, { ...ZSTD9, error: 0.2 }))
    expect(row).toBeNull()
    expect(reasons).toEqual([
      {
        tone: 'info',
        text: 'zstd 9 may be 15.0% smaller than now, but the sample does not show whether the size changes.',
      },
    ])
  })

  it('recommend a saving that is certain, also if a smaller codec leaves it open', () => {
    const rows = rowsOf(SET, { ...ZSTD9, error: 0.2 }, trial('zstd', 1, 3.6, 300, 1205))
    expect(recommend(rows).row).toBe(rows[2])
  })

  it('name the blockers of smaller codecs, each with the smallest codec', () => {
    const reads = trial('gzip', 6, 3, 42, 402)
    const { row, reasons } = recommend(rowsOf(SET, ZSTD15, trial('zstd', 19, 3.05, 5, 1284), reads, BROTLI))
    expect(row).toBeNull()
    expect(reasons.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^brotli 5 is 25\.0% smaller than now, but .* cannot read it\.$/),
      'zstd 19 is 23.8% smaller than now, but writes 5.0 MB/s only.',
      'gzip 6 is 25.0% smaller than now, but reads 66.6% slower.',
    ])
    const nearSet = recommend(rowsOf({ ...SET, change: -0.02 }, trial('zstd', 9, 3.85, 61, 1290)))
    expect(nearSet.reasons.map(({ text }) => text)).toEqual([
      'zstd 9 is 3.7% smaller than now, but not 3 % smaller than zstd 3, which is set.',
    ])
  })

  it('never deny a saving that a setting at any level promises', () => {
    const sizesMb = [3, 3.86, 4, 4.3]
    const speeds = [
      [10, 1200],
      [60, 400],
      [60, 1200],
    ] as const
    const tried = (codec: string, level: number) =>
      sizesMb.flatMap((mb) =>
        speeds.flatMap(([encode, decode]) => {
          const measured = trial(codec, level, mb, encode, decode)
          return [measured, { ...measured, error: 0.5 }]
        }),
      )
    const cases = tried('zstd', 3).flatMap((set) =>
      [...tried('zstd', 9), ...tried('brotli', 5)].map((other) => rowsOf(set, other)),
    )
    const denied = cases.flatMap((rows) => {
      const { row, reasons } = recommend(rows)
      // A user always learns why nothing is recommended.
      expect(row === null && reasons.length === 0).toBe(false)
      const denial = reasons.find(({ text }) => text.includes('No tried codec'))?.text
      if (denial === undefined) return []
      const set = rows.find(({ isSet }) => isSet)
      const limit = denial.includes('another') ? (set?.projectedBytes ?? 0) : COLUMN.storedBytes
      return [Math.min(...rows.map(({ projectedBytes }) => projectedBytes)) / limit]
    })
    expect(denied).not.toEqual([])
    expect(Math.min(...denied)).toBeGreaterThan(0.97)
  })

  it('say how much the measurements of a speed differ, if they do noticeably', () => {
    const turns = { encodedBytes: 5 * MB, encodeMs: 100, decodeMs: 5.2 }
    const [row] = rowsOf({ ...SET, encodeMs: 25, decodeMs: 5, turns })
    if (!row) throw new Error('there is no row')
    // The speed is that of pages that were measured several times, which are half of the sample.
    expect(speedText(row.encodeBytesPerS, row.slowEncodeBytesPerS)).toEqual({
      text: '50–200 MB/s',
      title: expect.stringContaining('200 MB/s in the fastest turns, 50 MB/s or more in three of four'),
    })
    expect(speedText(row.decodeBytesPerS, row.slowDecodeBytesPerS).text).toBe('1,000 MB/s')
  })

  it('mark a speed as approximate if the trial did not record how much its measurements differ', () => {
    const [row] = rowsOf(SET)
    expect(speedText(row?.decodeBytesPerS ?? 0, row?.slowDecodeBytesPerS ?? null)).toEqual({
      text: '≈ 1,205 MB/s',
      title: expect.stringContaining('did not record'),
    })
  })

  it('say what a choice saves once rewritten and by day, and what it costs', () => {
    const rows = rowsOf(SET, ZSTD9, BROTLI)
    const [set, nine, brotli] = rows
    if (!set || !nine || !brotli) throw new Error('a row is missing')
    const facts = { storedBytes: 40 * MB, price: null, loadedBytesPerDay: 10 * MB }
    expect(reasonsFor(nine, set, facts).map(({ text }) => text)).toEqual([
      '−5.72 MiB, 15.0% less, once rewritten; −1.43 MiB a day of what Lakeshore loads from now on.',
      'Reads 1.1× faster than what is set.',
      'Writes 4.4× slower than what is set.',
    ])
    expect(reasonsFor(brotli, set, { ...facts, price: null, loadedBytesPerDay: null }).map(({ tone }) => tone)).toEqual(
      ['good', 'warning', 'warning', 'warning'],
    )
    expect(reasonsFor(set, set, facts)).toHaveLength(1)
  })

  it('has a price where one is set, and never otherwise', () => {
    const [set, nine] = rowsOf(SET, ZSTD9)
    if (!set || !nine) throw new Error('there are no rows')
    const price = { perTbMonth: 23_000, currency: 'USD' }
    const [size] = reasonsFor(nine, set, { storedBytes: COLUMN.storedBytes, loadedBytesPerDay: null, price })
    expect(size?.text).toBe('−5.72 MiB, 15.0% less, −$0.14 a month, once rewritten.')
    const rate = { loadedBytesPerDay: 10 * MB }
    expect(yearText(nine, { ...rate, price })).toEqual([
      '−522 MiB a year from Lakeshore’s loads',
      '−$12.59 a month after it',
    ])
    expect(yearText(nine, { ...rate, price: null })).toEqual(['−522 MiB a year from Lakeshore’s loads', 'no price set'])
    expect(yearText(nine, { loadedBytesPerDay: null, price })).toBeNull()
    expect(yearText(set, { ...rate, price })).toBeNull()
  })
})
