import { propertyValue } from '../../properties/property-value'
import type { IntentChange } from '../intent-change'
import { requireSettableKey } from '../property-edits'
import type { RemoveProperty } from './words'

export const removeProperty = {
  compare: ({ properties }, { key, base }) => ({ base, now: propertyValue(properties, key), wanted: null }),
  rebase: ({ properties }, intent) => ({ ...intent, base: propertyValue(properties, intent.key) }),
  apply: ({ properties }, { key }) => {
    requireSettableKey(key)
    properties.delete(key)
  },
  reverse: (_before, _after, { key, base }) =>
    base === null ? null : { kind: 'set-property', key, value: base, base: null },
} satisfies IntentChange<RemoveProperty>
