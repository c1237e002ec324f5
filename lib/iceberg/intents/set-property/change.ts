import { propertyValue } from '../../properties/property-value'
import type { IntentChange } from '../intent-change'
import { requireSettableKey, requireSettableValue } from '../property-edits'
import type { SetProperty } from './words'

export const setProperty = {
  compare: ({ properties }, { key, value, base }) => ({ base, now: propertyValue(properties, key), wanted: value }),
  rebase: ({ properties }, intent) => ({ ...intent, base: propertyValue(properties, intent.key) }),
  apply: ({ properties }, { key, value }) => {
    requireSettableKey(key)
    requireSettableValue(key, value)
    properties.set(key, value)
  },
  reverse: (_before, _after, { key, value, base }) =>
    base === null
      ? { kind: 'remove-property', key, base: value }
      : { kind: 'set-property', key, value: base, base: value },
} satisfies IntentChange<SetProperty>
