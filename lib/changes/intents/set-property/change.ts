import { propertyValue } from '../../../iceberg/properties/property-value'
import type { IntentChange } from '../intent-change'
import {
  requireMeasuredColumn,
  requireNamedSetting,
  requireSettableKey,
  requireSettableValue,
} from '@/lib/changes/edits/property-edits'
import { settingWarnings } from '@/lib/changes/edits/setting-warnings'
import type { SetProperty } from './describe'

export const setProperty = {
  compare: ({ properties }, { key, value, base }) => ({
    base,
    current: propertyValue(properties, key),
    requested: value,
  }),
  rebase: ({ properties }, intent) => ({ ...intent, base: propertyValue(properties, intent.key) }),
  apply: (draft, { key, value, column }) => {
    requireSettableKey(key)
    requireSettableValue(key, value)
    requireNamedSetting(draft, key, column)
    requireMeasuredColumn(draft, key)
    draft.properties.set(key, value)
  },
  warnings: (draft, { key, value }) => settingWarnings(draft, key, value),
  reverse: (_before, _after, { kind: _kind, key, value, base, ...column }) =>
    base === null
      ? { ...column, kind: 'remove-property', key, base: value }
      : { ...column, kind: 'set-property', key, value: base, base: value },
} satisfies IntentChange<SetProperty>
