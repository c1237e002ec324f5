import { expect, test } from 'vitest'
import { propertyValue } from './property-value'

test('returns the value that was set, under any name, and null for what every object inherits', () => {
  const properties = Object.fromEntries([
    ['owner', 'ada'],
    ['__proto__', 'mine'],
  ])
  expect(['owner', '__proto__', 'constructor', 'toString'].map((name) => propertyValue(properties, name))).toEqual([
    'ada',
    'mine',
    null,
    null,
  ])
})
