import { propertyValue } from '../../../iceberg/properties/property-value'
import type { IntentChange } from '../intent-change'
import { requireNamedSetting, requireSettableKey } from '@/lib/changes/edits/property-edits'
import type { RemoveProperty } from './describe'

export const removeProperty = {
  compare: ({ properties }, { key, base }) => ({ base, current: propertyValue(properties, key), requested: null }),
  rebase: ({ properties }, intent) => ({ ...intent, base: propertyValue(properties, intent.key) }),
  apply: (draft, { key, column }) => {
    requireSettableKey(key)
    requireNamedSetting(draft, key, column)
    draft.properties.delete(key)
  },
  reverse: (_before, _after, { kind: _kind, key, base, ...column }) =>
    base === null ? null : { ...column, kind: 'set-property', key, value: base, base: null },
} satisfies IntentChange<RemoveProperty>
