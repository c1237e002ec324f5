import { expect, it } from 'vitest'
import { seriesLabel, valueLabel } from './value-label'

it.each([
  ['0.1714126186487', '0.171413'],
  ['-12345.6789', '-12345.7'],
  ['1.7141261864e-12', '1.7141e-12'],
  ['12345678.25', '12345700'],
  ['2.50', '2.50'],
  ['308', '308'],
  ['9007199254740993', '900719925…'],
  ['a long text', 'a long te…'],
])('A value is rounded for its label, or visibly truncated: %s', (text, label) => {
  expect(valueLabel(text, 74)).toBe(label)
})

it.each([
  ['mean_delay', '0.1714126186487', 'mean_delay 0.171413'],
  ['the mean delay of arrival', '0.1714126186487', 'the mean d… 0.171413'],
  ['DFW', '9007199254740993', 'DFW 9007199254740993'],
  ['DFW', '90071992547409930000', 'DFW 900719925474099…'],
])('A label has the name of its series as far as the value leaves room: %s', (name, value, label) => {
  const text = seriesLabel(name, value, 140)
  expect(text).toBe(label)
  expect(text.length * 7).toBeLessThanOrEqual(140)
})
