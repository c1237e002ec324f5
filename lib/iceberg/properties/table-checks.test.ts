import { expect, it } from 'vitest'
import { isSecretProperty } from './secret-property'
import { checkNameProblem, checkProperty, tableChecks } from './table-checks'

it('finds the checks of a table among its properties, in the order of their names', () => {
  const properties = {
    owner: 'ada',
    [checkProperty('origin is known')]: 'SELECT 2',
    'lakeshore.checks': 'other',
    [checkProperty('distance is positive')]: 'SELECT 1',
  }
  const found = [
    { name: 'distance is positive', sql: 'SELECT 1' },
    { name: 'origin is known', sql: 'SELECT 2' },
  ]
  expect(tableChecks(properties)).toEqual(found)
  expect(tableChecks(new Map(Object.entries(properties)))).toEqual(found)
})

it('says why a check cannot have a name', () => {
  expect(checkNameProblem('every origin is in demo.airports')).toBeNull()
  for (const name of ['', '  ', ' a', 'a ', 'a\nb', 'x'.repeat(101)]) expect(checkNameProblem(name)).not.toBeNull()
})

it('The text of a check is not a secret', () => {
  expect(isSecretProperty(checkProperty('no-token'))).toBe(false)
  expect(isSecretProperty('no-token')).toBe(true)
})
