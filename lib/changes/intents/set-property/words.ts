import type { IntentWords } from '../intent-kind'
import { propertyTarget } from '@/lib/changes/edits/property-target'
import { settingOfColumn } from '@/lib/changes/edits/setting-of-column'

/** `base` is the value that the person saw; null: not set. */
export type SetProperty = {
  kind: 'set-property'
  key: string
  value: string
  base: string | null
  /** The names of the column that the property is about, from the top, if its key has only the column's id. */
  column?: readonly string[]
}

export const setPropertyWords: IntentWords<SetProperty> = {
  area: 'settings',
  target: ({ key }) => propertyTarget(key),
  sign: ({ base }) => (base === null ? '+' : '~'),
  words: ({ key, value, base, column }) => {
    const name = settingOfColumn(key, column) ?? [{ name: key }]
    return base === null
      ? ['Set', ...name, 'to', { value }]
      : ['Change', ...name, 'from', { value: base }, 'to', { value }]
  },
}
