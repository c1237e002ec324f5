import { expect, it } from 'vitest'
import { chooseColours } from './series-colours'

it('gives new series the free colours in their order', () => {
  expect([...chooseColours(['a', 'b'], new Map())]).toEqual([
    ['a', 0],
    ['b', 1],
  ])
})

it('keeps the colour of a series when a larger one appears and when one is missing', () => {
  const known = new Map([
    ['flights', 0],
    ['weather', 1],
  ])
  expect(chooseColours(['trades', 'flights', 'weather'], known)).toEqual(new Map([...known, ['trades', 2]]))
  expect(chooseColours(['weather'], known)).toEqual(new Map([['weather', 1]]))
})

it('gives two series of one chart different colours, the older one its own', () => {
  const known = new Map([
    ['old', 0],
    ['new', 0],
  ])
  expect(chooseColours(['new', 'old'], known)).toEqual(
    new Map([
      ['old', 0],
      ['new', 1],
    ]),
  )
})

it('repeats its six colours for more series', () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  expect([...chooseColours(keys, new Map()).values()]).toEqual([0, 1, 2, 3, 4, 5, 0])
})
