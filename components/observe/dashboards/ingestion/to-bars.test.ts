import { describe, expect, it } from 'vitest'
import { dayMs, sampleIngestion } from '@/testing/components/sample-ingestion'
import { amountFormat } from './amount-format'
import { COLOURS, legendOf, toBars } from './to-bars'

const SERIES = [{ key: 'spark', label: 'spark', table: null, colour: 'teal' }]
const OPTIONS = { format: amountFormat('rows'), step: 'day', timeZone: 'UTC' } as const

/** The pieces that are drawn on each day, as `look colour size`. */
function piecesOf(data: Parameters<typeof toBars>[0]) {
  return toBars(data, SERIES, OPTIONS).map(({ above, below }) =>
    [above, below].map((pieces) =>
      pieces.flatMap(({ look, colour, size, label }) =>
        size === 0 ? [] : [[look, colour, size, ...(label === undefined ? [] : [`(${label})`])].join(' ')],
      ),
    ),
  )
}

const returned = (kind: 'taken-back' | 'put-back', day: number, amount: number, cameInDay = 0) => ({
  kind,
  atMs: dayMs(day, 3),
  cameInAtMs: dayMs(cameInDay),
  seriesIndex: 0,
  amount,
})

describe('The bars of ingestion', () => {
  it('draw a load that was taken back hollow on its day, and below zero on the day of the rollback', () => {
    const data = sampleIngestion({
      days: [{ 'came-in': 100 }, { 'came-in': 10, removed: 4, 'taken-back': 60 }],
      returns: [returned('taken-back', 1, 60)],
    })
    const [first, ...rest] = data.buckets
    const buckets = first ? [{ ...first, takenBackLater: [60] }, ...rest] : []
    expect(piecesOf({ ...data, buckets })).toEqual([
      [['solid teal 40', 'hollow teal 60'], []],
      [['solid teal 10'], [`solid ${COLOURS.removed} 4`, 'hollow teal 60 (60 of 8 Nov)']],
    ])
    expect(legendOf({ buckets }, SERIES).names).toEqual(['spark', 'removed', 'came, then taken back'])
  })

  it('draw what a partition lost to others below zero', () => {
    const data = sampleIngestion({ days: [{ 'came-in': 5 }] })
    const buckets = data.buckets.map((bucket) => ({ ...bucket, cameIn: [-30, 35] }))
    const other = { key: 'other', label: 'Other', table: null, colour: 'grey' }
    const [bar] = toBars({ ...data, buckets }, [...SERIES, other], OPTIONS)
    const sizes = (pieces: readonly { colour: string; size: number }[] = []) =>
      pieces.filter(({ size }) => size !== 0).map(({ colour, size }) => `${colour} ${size}`)
    expect([sizes(bar?.above), sizes(bar?.below)]).toEqual([['grey 35'], ['teal 30']])
  })

  it('draw both pieces on one day, and fill the load again when the rollback is rolled back', () => {
    const data = sampleIngestion({
      days: [{ 'came-in': 100, 'taken-back': 60 }, { 'put-back': 60 }],
      returns: [returned('taken-back', 0, 60), returned('put-back', 1, 60)],
    })
    expect(piecesOf(data)).toEqual([
      [['solid teal 100'], ['hollow teal 60 (60 of 8 Nov)']],
      [['solid teal 60'], []],
    ])
  })

  it('leave out hidden parts, with what was taken back of a hidden series', () => {
    const data = sampleIngestion({
      days: [{ 'came-in': 100, removed: 4, 'taken-back': 60, 'not-read': 3 }],
      returns: [returned('taken-back', 0, 60)],
    })
    const shown = (...hidden: string[]) =>
      toBars(data, SERIES, { ...OPTIONS, hidden: new Set(hidden) }).map(({ above, below }) =>
        [...above, ...below].flatMap(({ key, size }) => (size === 0 ? [] : key)),
      )
    const { keys } = legendOf(data, SERIES)
    expect(keys).toEqual(['spark', ' removed', ' returned', ' not-read'])
    expect(shown('spark')).toEqual([['not-read', 'removed']])
    expect(shown(' removed', ' returned', ' not-read')).toEqual([['came-in spark']])
  })

  it('have what is not known of a rollback in grey, and what no commit explains hatched', () => {
    const data = sampleIngestion({
      days: [{ 'taken-back': 60, 'not-read': -5 }, { 'not-read': 5 }],
      returns: [returned('taken-back', 0, 20)],
    })
    expect(piecesOf(data)).toEqual([
      [[], ['hollow teal 20 (20 of 8 Nov)', 'hollow var(--c0) 40', 'hatched var(--control) 5']],
      [['hatched var(--control) 5'], []],
    ])
  })

  it('are as high above and below zero as the equation of their day', () => {
    const days = [
      { 'came-in': 9, removed: 2, rewritten: -3, 'taken-back': 4, 'put-back': 1, 'not-read': 5 },
      { rewritten: 7, 'taken-back': -6, 'put-back': -2 },
    ]
    const data = sampleIngestion({ days, returns: [returned('taken-back', 0, 4), returned('put-back', 0, 1)] })
    const heights = toBars(data, SERIES, OPTIONS).map(({ above, below }) =>
      [above, below].map((pieces) => pieces.reduce((total, { size }) => total + size, 0)),
    )
    expect(heights).toEqual([
      [15, 9],
      [13, 2],
    ])
  })
})
