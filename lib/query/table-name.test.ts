import { expect, test } from 'vitest'
import { sqlName, resolveTableName } from './table-name'

const context = { connections: ['local', 'prod'], connection: 'local' }
const resolve = (...parts: string[]) => resolveTableName(parts, { start: 0, end: 1 }, context)

test('the chosen connection is meant where none is named', () => {
  expect(resolve('demo', 'flights')).toEqual({ catalog: 'local', namespace: ['demo'], table: 'flights' })
  expect(resolve('a', 'b', 'c', 'd')).toEqual({ catalog: 'local', namespace: ['a', 'b', 'c'], table: 'd' })
})

test('a connection is named by the first part', () => {
  expect(resolve('prod', 'demo', 'flights')).toEqual({ catalog: 'prod', namespace: ['demo'], table: 'flights' })
})

test('with two parts the first is a namespace, whatever it is called', () => {
  expect(resolve('prod', 'flights')).toEqual({ catalog: 'local', namespace: ['prod'], table: 'flights' })
})

test('a name without a namespace is refused with what to write', () => {
  expect(() => resolve('flights')).toThrow(/flights has no namespace/)
})

test('a name is written back with quotes only where it needs them', () => {
  expect(sqlName(['demo', 'Flights 2', 'order'])).toBe('demo."Flights 2"."order"')
})
