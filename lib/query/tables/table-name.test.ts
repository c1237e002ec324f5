import { expect, test } from 'vitest'
import { sqlName, resolveTableName, writeTableName } from './table-name'

const context = { connections: ['local', 'prod'], connection: 'local' }
const resolve = (...parts: string[]) => resolveTableName(parts, { start: 0, end: 1 }, context)

test('a name without a connection refers to the chosen one', () => {
  expect(resolve('demo', 'flights')).toEqual({ catalog: 'local', namespace: ['demo'], table: 'flights' })
  expect(resolve('a', 'b', 'c', 'd')).toEqual({ catalog: 'local', namespace: ['a', 'b', 'c'], table: 'd' })
})

test('the first part may name a connection', () => {
  expect(resolve('prod', 'demo', 'flights')).toEqual({ catalog: 'prod', namespace: ['demo'], table: 'flights' })
})

test('the first of two parts is a namespace, whatever its name', () => {
  expect(resolve('prod', 'flights')).toEqual({ catalog: 'local', namespace: ['prod'], table: 'flights' })
})

test('a name without a namespace is refused with a hint', () => {
  expect(() => resolve('flights')).toThrow(/flights has no namespace/)
})

test('a name with more levels, or a longer part, than any may have is refused', () => {
  const levels = (count: number) => Array.from({ length: count }, () => 'a')
  expect(resolve(...levels(101)).namespace).toHaveLength(100)
  for (const parts of [levels(102), levels(60_001), ['demo', 'x'.repeat(256)], ['x'.repeat(256), 't']])
    expect(() => resolve(...parts)).toThrow(expect.objectContaining({ code: 'query-failed' }))
})

test('a name is quoted only if it needs quotes', () => {
  expect(sqlName(['demo', 'Flights 2', 'order'])).toBe('demo."Flights 2"."order"')
  expect(sqlName(['données', '数据_2', 'a b', 'a\u00a0b'])).toBe('données.数据_2."a b"."a\u00a0b"')
})

test('a written name is read as the same table', () => {
  const written = [
    [{ catalog: 'local', namespace: ['demo'], table: 'flights' }, 'demo.flights'],
    [{ catalog: 'prod', namespace: ['demo'], table: 'My Table' }, 'prod.demo."My Table"'],
    [{ catalog: 'local', namespace: ['prod', 'a'], table: 't' }, 'local.prod.a.t'],
    [{ catalog: 'local', namespace: ['prod'], table: 't' }, 'prod.t'],
  ] as const
  for (const [identifier, sql] of written) {
    expect(writeTableName(identifier, context)).toBe(sql)
    expect(resolve(...sql.replaceAll('"', '').split('.'))).toEqual(identifier)
  }
})
