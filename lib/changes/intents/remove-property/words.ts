import type { IntentWords } from '../intent-kind'
import { propertyTarget } from '@/lib/changes/edits/property-target'
import { settingOfColumn } from '@/lib/changes/edits/setting-of-column'

/** `base` is the value that the person saw; null: not set. */
export type RemoveProperty = {
  kind: 'remove-property'
  key: string
  base: string | null
  /** The names of the column that the property is about, from the top, if its key has only the column's id. */
  column?: readonly string[]
}

export const removePropertyWords: IntentWords<RemoveProperty> = {
  area: 'settings',
  target: ({ key }) => propertyTarget(key),
  sign: () => '−',
  words: ({ key, base, column }) => [
    'Remove',
    ...(settingOfColumn(key, column) ?? [{ name: key }]),
    '(was',
    { value: base },
    ')',
  ],
}
