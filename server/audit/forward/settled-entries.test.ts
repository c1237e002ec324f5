import { expect, test } from 'vitest'
import { SettledEntries } from './settled-entries'

const open = (oldestOpen: number, next: number) => ({ oldestOpen: BigInt(oldestOpen), next: BigInt(next) })

test('numbers that appear in their order are forwarded with their gaps', () => {
  expect(new SettledEntries().count(3, [7, 9], null)).toBe(2)
})

test('a gap is passed once every transaction that was open when it was missed has ended', () => {
  const settled = new SettledEntries()
  expect(settled.count(3, [4, 5], open(10, 20))).toBe(2)
  expect(settled.count(5, [6, 8, 9], open(10, 20))).toBe(1)
  expect(settled.count(6, [8, 9], open(19, 25))).toBe(0)
  // The transaction may have ended between reading the entries and reading the transactions.
  expect(settled.count(6, [8, 9], open(20, 30))).toBe(0)
  expect(settled.count(6, [8, 9], open(20, 30))).toBe(2)
})

test('what appears in a gap is forwarded first', () => {
  const settled = new SettledEntries()
  expect(settled.count(6, [8], open(10, 20))).toBe(0)
  expect(settled.count(6, [7, 8], open(21, 30))).toBe(2)
})

test('each gap waits for its own transactions', () => {
  const settled = new SettledEntries()
  expect(settled.count(0, [2, 4], open(10, 20))).toBe(0)
  expect(settled.count(0, [2, 4], open(20, 40))).toBe(0)
  expect(settled.count(0, [2, 4], open(20, 40))).toBe(1)
  expect(settled.count(2, [4], open(39, 50))).toBe(0)
  expect(settled.count(2, [4], open(40, 50))).toBe(0)
  expect(settled.count(2, [4], open(40, 50))).toBe(1)
})
