import { expect, it } from 'vitest'
import { pickedText, pickerKind, pickerValue } from './picked-time'

const BERLIN = 'Europe/Berlin'

it('picks dates and timestamps, and no other values', () => {
  expect(pickerKind('date')).toBe('date')
  for (const type of ['timestamp', 'timestamp_ns', 'timestamptz', 'timestamptz_ns'] as const)
    expect(pickerKind(type)).toBe('datetime-local')
  expect(pickerKind('time')).toBeNull()
  expect(pickerKind({ type: 'struct', fields: [] })).toBeNull()
})

it('writes a picked time as the grid shows it, an instant with its offset', () => {
  expect(pickedText('date', '2026-11-23', BERLIN)).toBe('2026-11-23')
  expect(pickedText('timestamp', '2026-11-23T14:30', BERLIN)).toBe('2026-11-23 14:30')
  expect(pickedText('timestamptz', '2026-11-23T14:30', BERLIN)).toBe('2026-11-23 14:30:00+01:00')
  expect(pickedText('timestamptz_ns', '2026-07-23T14:30:05', BERLIN)).toBe('2026-07-23 14:30:05+02:00')
  expect(pickedText('timestamptz', '', BERLIN)).toBeNull()
})

it('begins with the time of the field, on the clocks of the user', () => {
  expect(pickerValue('date', ' 2026-11-23 ', BERLIN)).toBe('2026-11-23')
  expect(pickerValue('timestamp', '2026-11-23 14:30:05.123456', BERLIN)).toBe('2026-11-23T14:30:05')
  expect(pickerValue('timestamptz', '2026-11-23 14:30:05', BERLIN)).toBe('2026-11-23T15:30:05')
  expect(pickerValue('timestamptz', '2026-11-23T14:30:05-05:00', BERLIN)).toBe('2026-11-23T20:30:05')
})
