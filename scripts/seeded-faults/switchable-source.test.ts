import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { switchableSource } from './switchable-source.ts'

const SOURCE = `
function report(size, max, isOpen) {
  const lines = []
  const requireOpen = () => lines.push('checked')
  requireOpen()
  if (size > max && isOpen) return 'refused'
  return [...['first'], String(size + 1), Math.min(size, max)].concat(lines).join(' ')
}
report(size, max, isOpen)`

/** The output of the program with the only fault of this kind and text in effect. */
function run(seeded: string | null, values: { size: number; max: number; isOpen: boolean }): string {
  const faults = findFaults('lib/x.ts', SOURCE).map((fault, index) => ({ ...fault, number: index + 1 }))
  const matching = faults.filter(({ kind, original }) => `${kind} ${original}` === seeded)
  if (seeded !== null && matching.length !== 1) throw new Error(`${seeded} is in ${matching.length} faults`)
  const program = switchableSource(SOURCE, faults, './switch.ts').replace(/^import [^;]*;/, '')
  return vm.runInNewContext(program, { ...values, isSeeded: (number: number) => number === matching[0]?.number })
}

describe('switchableSource', () => {
  test('Without a fault the program does what it did', () => {
    expect(run(null, { size: 3, max: 2, isOpen: true })).toBe('refused')
    expect(run(null, { size: 3, max: 2, isOpen: false })).toBe('first 4 2 checked')
  })

  test.each([
    ['negated guard size > max && isOpen', 'refused'],
    ['swapped connective size > max && isOpen', 'refused'],
    ['shifted bound size > max', 'first 4 2 checked'],
  ])('%s takes effect around and in others', (fault, expected) => {
    expect(run(fault, { size: 3, max: 2, isOpen: false })).toBe(expected)
  })

  test.each([
    ['removed check requireOpen()', 'first 3 2'],
    ["dropped element ...['first']", '3 2 checked'],
    ['dropped element String(size + 1)', 'first 2 checked'],
    ['off by one size + 1', 'first 2 2 checked'],
    ['shifted bound size > max', 'refused'],
  ])('%s takes effect alone', (fault, expected) => {
    expect(run(fault, { size: 2, max: 2, isOpen: true })).toBe(expected)
  })

  test('Every fault of a file starts and ends where its text does', () => {
    const faults = findFaults('lib/x.ts', SOURCE).map((fault, index) => ({ ...fault, number: index + 1 }))
    const program = switchableSource(SOURCE, faults, './switch.ts')
    expect(program).toMatch(/^import \{ isSeeded \} from '\.\/switch\.ts'; /)
    for (const { number } of faults) expect(program.split(`isSeeded(${number})`)).toHaveLength(2)
  })
})
