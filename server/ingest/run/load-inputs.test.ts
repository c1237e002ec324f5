import { expect, it } from 'vitest'
import { nameLocations } from './load-inputs'

it.each([
  [['file:///in/a.csv'], ['a.csv']],
  [
    ['file:///in/a.csv', 's3://bucket/b.csv'],
    ['a.csv', 'b.csv'],
  ],
  [
    ['s3://bucket/in/may/a.csv', 's3://bucket/in/june/a.csv', 's3://bucket/in/b.csv'],
    ['may/a.csv', 'june/a.csv', 'b.csv'],
  ],
  // No shared folder.
  [
    ['file:///in/a.csv', 's3://bucket/a.csv'],
    ['file:///in/a.csv', 's3://bucket/a.csv'],
  ],
])('The files %j have names that tell them apart', (locations, names) => {
  expect([...nameLocations(locations)]).toEqual(locations.map((location, i) => [location, names[i]]))
})
