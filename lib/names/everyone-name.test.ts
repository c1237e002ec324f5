import { expect, test } from 'vitest'
import { isLikeEveryone } from './everyone-name'

test.each([
  ['everyone'],
  ['EveryOne'],
  [' everyone\t'],
  ['\u00a0everyone\u2800'],
  ['every\u200bone'],
  ['every\u00adone'],
  ['\ufeffeveryone\u3164'],
  ['e\u034fveryone\ufe0f'],
  ['\uff25\uff56\uff45\uff52\uff59\uff4f\uff4e\uff45'],
  ['\u{1d41e}\u{1d42f}\u{1d41e}\u{1d42b}\u{1d432}\u{1d428}\u{1d427}\u{1d41e}'],
  ['\u0435veryone'],
  ['\u0415VERYONE'],
  ['\u0395V\u0395R\u03a5\u039f\u039d\u0395'],
  ['every\u03bfne'],
  ['every0ne'],
  ['eve\u0433y\u043e\u043fe'],
])('The name %j looks like that of the group of all users', (name) => {
  expect(isLikeEveryone(name)).toBe(true)
})

test.each([
  [''],
  ['every one else'],
  ['everyone-else'],
  ['everyones'],
  ['not everyone'],
  ['every-one'],
  ['ev\u00e9ryone'],
  ['\u0432\u0441\u0435'],
  ['\u03cc\u03bb\u03bf\u03b9'],
  ['tout le monde'],
])('The name %j does not look like that of the group of all users', (name) => {
  expect(isLikeEveryone(name)).toBe(false)
})
