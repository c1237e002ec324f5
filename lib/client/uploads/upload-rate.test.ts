import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { UploadRate } from './upload-rate'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('The rate of an upload is that of the last five seconds', () => {
  const rate = new UploadRate(() => {})
  expect(rate.bytesPerSecond).toBeNull()
  rate.add(1_000_000, 0)
  expect(rate.bytesPerSecond).toBeNull()
  for (let second = 1; second <= 10; second += 1) rate.add(1_000_000 + second * 100, second * 1000)
  expect(rate.bytesPerSecond).toBe(100)
  for (let second = 11; second <= 20; second += 1) rate.add(1_001_000 + (second - 10) * 500, second * 1000)
  expect(rate.bytesPerSecond).toBe(500)
})

it('The rate of an upload begins again when bytes are sent again', () => {
  const rate = new UploadRate(() => {})
  rate.add(0, 0)
  rate.add(1000, 1000)
  rate.add(500, 2000)
  expect(rate.bytesPerSecond).toBeNull()
  rate.add(700, 3000)
  expect(rate.bytesPerSecond).toBe(200)
})

it('An upload that sends nothing for five seconds has no rate, and says so', () => {
  const onSilent = vi.fn()
  const rate = new UploadRate(onSilent)
  rate.add(0, 0)
  vi.advanceTimersByTime(4_999)
  rate.add(1000, 4_999)
  vi.advanceTimersByTime(4_999)
  expect(rate.bytesPerSecond).toBeGreaterThan(0)
  vi.advanceTimersByTime(1)
  expect(onSilent).toHaveBeenCalledOnce()
  expect(rate.bytesPerSecond).toBeNull()
})
