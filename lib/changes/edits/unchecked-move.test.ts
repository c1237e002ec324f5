import { expect, it } from 'vitest'
import { checkProperty } from '@/lib/iceberg/properties/table-checks'
import { uncheckedMoveWarnings } from './unchecked-move'

it('A move of main that is not a publication passes by the checks of the table, and says so', () => {
  const properties = { [checkProperty('no_nulls')]: 'SELECT 1', owner: 'ada' }
  expect(uncheckedMoveWarnings(properties, { refName: 'main' })).toEqual([
    'This does not run the table’s saved check: Publish moves main only where all have passed.',
  ])
  expect(uncheckedMoveWarnings({ ...properties, [checkProperty('b')]: 'SELECT 2' }, { refName: 'main' })).toEqual([
    'This does not run the table’s 2 saved checks: Publish moves main only where all have passed.',
  ])
  expect(uncheckedMoveWarnings(properties, { refName: 'audit' })).toEqual([])
  expect(uncheckedMoveWarnings({ owner: 'ada' }, { refName: 'main' })).toEqual([])
})
