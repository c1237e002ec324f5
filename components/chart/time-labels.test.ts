import { expect, it } from 'vitest'
import { labelledSteps, spanLabel, timeLabel } from './time-labels'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const START_MS = Date.UTC(2026, 10, 19, 21)

const startsOf = (count: number, stepMs: number) => Array.from({ length: count }, (_, step) => START_MS + step * stepMs)
const textsOf = (startsMs: readonly number[]) => startsMs.map((startMs) => new Date(startMs).toISOString().slice(8, 13))

it('labels the first step of each day, and of the newest day, too', () => {
  const stepMs = 3 * HOUR_MS
  const axis = { stepMs, durationMs: 7 * DAY_MS, timeZone: 'UTC' }
  // From 19 Nov 21:00 to 26 Nov 03:00.
  const labelled = labelledSteps(startsOf(52, stepMs), axis, 7)
  expect(textsOf(labelled)).toEqual(['20T00', '21T00', '22T00', '23T00', '24T00', '25T00', '26T00'])
})

it('leaves out labels from the newest back', () => {
  const axis = { stepMs: DAY_MS, durationMs: 30 * DAY_MS, timeZone: 'UTC' }
  const labelled = labelledSteps(startsOf(30, DAY_MS), axis, 7)
  expect(labelled).toHaveLength(6)
  expect(labelled.at(-1)).toBe(START_MS + 29 * DAY_MS)
})

it('labels an axis of one day', () => {
  const axis = { stepMs: HOUR_MS, durationMs: DAY_MS, timeZone: 'UTC' }
  expect(textsOf(labelledSteps(startsOf(3, HOUR_MS), axis, 7))).toEqual(['19T21', '19T22', '19T23'])
  expect(labelledSteps([], axis, 7)).toEqual([])
})

it('gives every label once, also to the hours of two days', () => {
  const stepMs = 6 * HOUR_MS
  const axis = { stepMs, durationMs: 2 * DAY_MS, timeZone: 'UTC' }
  const labelled = labelledSteps(startsOf(8, stepMs), axis, 7)
  expect(textsOf(labelled)).toEqual(['20T03', '20T21', '21T15'])
  expect(labelled.map((startMs) => timeLabel(startMs, axis))).toEqual(['03:00', '21:00', '15:00'])
})

it('labels an axis of minutes with seconds', () => {
  const axis = { stepMs: 10_000, durationMs: 300_000, timeZone: 'UTC' }
  expect(timeLabel(START_MS + 12_000, axis)).toBe('21:00:12')
  expect(timeLabel(START_MS + 12_000, { ...axis, durationMs: HOUR_MS })).toBe('21:00')
})

it('names a step that begins at any time by its start and its end', () => {
  expect(spanLabel(START_MS, 22 * HOUR_MS, 'UTC')).toBe('19 Nov 21:00 – 20 Nov 19:00')
  expect(spanLabel(START_MS, 2 * HOUR_MS, 'Europe/Berlin')).toBe('19 Nov 22:00 – 20 Nov 00:00')
  expect(spanLabel(START_MS, 90_000, 'UTC')).toBe('19 Nov 21:00 – 21:01')
})
