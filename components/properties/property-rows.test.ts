import { expect, it } from 'vitest'
import { intentFor, propertyRows } from './property-rows'

it('lists known properties with their values, and custom properties after them', () => {
  const rows = propertyRows({ 'write.parquet.compression-codec': 'snappy', team: 'flights' }, [])
  expect(rows.find(({ key }) => key === 'write.parquet.compression-codec')).toMatchObject({
    now: 'snappy',
    group: 'compression',
  })
  expect(rows.at(-1)).toMatchObject({ key: 'team', group: 'free', known: null, now: 'flights' })
})

it('lists a key that is only pending', () => {
  const intent = { kind: 'set-property', key: 'team', value: 'x', base: null } as const
  expect(propertyRows({}, [intent]).at(-1)).toMatchObject({ key: 'team', now: null, pending: intent })
})

it('treats the name of an inherited member as a key that is not set', () => {
  expect(propertyRows({}, [{ kind: 'set-property', key: 'toString', value: 'x', base: null }]).at(-1)).toMatchObject({
    now: null,
  })
})

it('creates no intent for an unchanged value, and distinguishes empty from not set', () => {
  expect(intentFor('a', 'x', 'x')).toBeNull()
  expect(intentFor('a', null, '')).toEqual({ kind: 'set-property', key: 'a', value: '', base: null })
  expect(intentFor('a', 'x', null)).toEqual({ kind: 'remove-property', key: 'a', base: 'x' })
})
