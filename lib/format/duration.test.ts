import { expect, it } from 'vitest'
import { formatDuration, formatStep } from './duration'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

it.each([
  [0, '0 ms'],
  [0.4, '< 1 ms'],
  [312.4, '312 ms'],
  [999.7, '1.0 s'],
  [2_460, '2.5 s'],
  [14_000, '14 s'],
  [59_700, '1 min'],
  [200_000, '3 min 20 s'],
  [22 * MINUTE, '22 min'],
  [94 * MINUTE, '1 h 34 min'],
  [4 * HOUR, '4 h'],
  [24 * HOUR - 1, '1 d'],
  [30 * HOUR, '1 d 6 h'],
  [400 * 24 * HOUR, '400 d'],
])('prints %d ms in at most two units', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

it.each([
  [MINUTE, 'minute'],
  [15 * MINUTE, '15 min'],
  [HOUR, 'hour'],
  [6 * HOUR, '6 h'],
  [24 * HOUR, 'day'],
])('names a step of %d ms as it is written after “per”', (ms, text) => {
  expect(formatStep(ms)).toBe(text)
})
