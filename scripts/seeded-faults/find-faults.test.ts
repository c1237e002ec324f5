import { describe, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'

function faultsIn(text: string): string[] {
  return findFaults('lib/x.ts', text).map(
    ({ kind, original, replacement }) => `${kind}: ${original}${replacement === '' ? '' : ` → ${replacement}`}`,
  )
}

describe('findFaults', () => {
  test('A guard that throws can be negated and removed', () => {
    expect(faultsIn('function f(a) { if (a.isGone) throw new Error() }')).toEqual([
      'negated guard: a.isGone → !(a.isGone)',
      'removed guard: a.isGone → false',
    ])
  })

  test('A condition that only chooses between two texts is not a guard', () => {
    expect(faultsIn('function f(a) { if (a) log(1); else log(2) }')).toEqual([])
  })

  test('Checks and awaited effects can be left out, other calls cannot', () => {
    expect(
      faultsIn('async function f() { requireTip(x)\n await file.sync()\n await this.#check(y)\n log(z) }'),
    ).toEqual([
      'removed check: requireTip(x)',
      'dropped effect: await file.sync()',
      'removed check: await this.#check(y)',
    ])
  })

  test('A statement that is a branch stays, because its else would belong to the switch', () => {
    expect(faultsIn('async function f() { if (a) await one()\n else await two() }')).toEqual([])
  })

  test('Lists lose an element, except where they are taken apart', () => {
    expect(faultsIn('const x = [{ type: 1 }, plain, ...others]; [a] = b')).toEqual([
      'dropped element: { type: 1 }',
      'dropped element: ...others',
    ])
  })

  test('Bounds shift by one, and a step is left out', () => {
    expect(faultsIn('const x = a < b; const y = a >= b; const z = n + 1n')).toEqual([
      'shifted bound: a < b → a <= b',
      'shifted bound: a >= b → a > b',
      'off by one: n + 1n → n',
    ])
  })

  test('The header of a loop stays as it is', () => {
    expect(faultsIn('for (let i = 0; i < n; i++) f(i)')).toEqual([])
  })

  test('Sequence numbers, ids and extremes are read from the wrong source, and never written there', () => {
    expect(faultsIn('f(entry.fileSequenceNumber, m.lastSequenceNumber, Math.max(a, b), parent.snapshotId)')).toEqual([
      'wrong number: entry.fileSequenceNumber → entry.sequenceNumber',
      'wrong number: m.lastSequenceNumber → (m.lastSequenceNumber - 1)',
      'swapped extreme: Math.max → Math.min',
      'wrong number: parent.snapshotId → parent.parentSnapshotId',
    ])
    expect(faultsIn('x.lastSequenceNumber = 5')).toEqual([])
  })

  test('Connectives and quantifiers swap, but not what adds fields to an object', () => {
    expect(faultsIn('const x = a && b; const y = list.some((one) => one); const z = { ...(a && { b }) }')).toEqual([
      'swapped connective: a && b → (a) || (b)',
      'swapped connective: list.some((one) => one) → list.every((one) => one)',
    ])
  })

  test('Permissions become weaker as values, and stay as types', () => {
    expect(faultsIn("type P = 'console:admin'; const x: 'table:write' = f('table:write')")).toEqual([
      "weaker permission: 'table:write' → 'table:read'",
    ])
  })

  test('What starts a statement stays, because an opening bracket would continue the line before', () => {
    expect(faultsIn('function f() { a && b() }')).toEqual([])
  })

  test('The id of a fault is the same after the function moves and is wrapped otherwise', () => {
    const [before] = findFaults('lib/a.ts', 'function f(a, b) { return a.size <= b.size }')
    const [after] = findFaults(
      'lib/b.ts',
      'const one = 1\n/** Moved. */\nfunction f(a, b) {\n  return a.size <=\n    b.size\n}',
    )
    expect(after).toMatchObject({ file: 'lib/b.ts', line: 4, id: before?.id })
  })

  test('The same text twice in a function has two ids', () => {
    const ids = findFaults('lib/a.ts', 'function f(a) { return g(a + 1) * h(a + 1) }').map(({ id }) => id)
    expect(new Set(ids).size).toBe(2)
  })
})
