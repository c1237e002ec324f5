import { expect, it } from 'vitest'
import { changedFirst, propertyRows } from './property-rows'
import { intentFor } from '@/lib/changes/intents/property-intent'

const TABLE = {
  schema: { fields: [{ id: 7, name: 'tail', required: false, type: 'string' }] },
  properties: { a: 'x' },
} as const

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
  expect(intentFor(TABLE, 'a', 'x')).toBeNull()
  expect(intentFor({ ...TABLE, properties: {} }, 'a', '')).toEqual({
    kind: 'set-property',
    key: 'a',
    value: '',
    base: null,
  })
  expect(intentFor(TABLE, 'a', null)).toEqual({ kind: 'remove-property', key: 'a', base: 'x' })
})

it('names the column of a property whose key has only its id', () => {
  const key = 'lakeshore.parquet.column.7.dictionary'
  expect(intentFor(TABLE, key, 'drop')).toEqual({
    kind: 'set-property',
    key,
    value: 'drop',
    base: null,
    column: ['tail'],
  })
})

it('lists what is changed from its default first', () => {
  const properties = { team: 'x', 'commit.retry.num-retries': '7', 'write.parquet.compression-codec': 'zstd' }
  const rows = changedFirst(propertyRows(properties, []))
  expect(rows.slice(0, 2).map(({ key }) => key)).toEqual(['commit.retry.num-retries', 'team'])
  expect(rows[2]?.key).toBe(propertyRows({}, [])[0]?.key)
})
