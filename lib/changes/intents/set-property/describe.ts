import { isAboutKey } from '@/lib/iceberg/properties/column-about'
import { isCheckKey } from '@/lib/iceberg/properties/table-checks'
import { isRuleKey } from '@/lib/iceberg/properties/value-rules'
import { existingFiles } from '../existing-files'
import type { IntentDescription } from '../intent-description'
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

export const setPropertyDescription: IntentDescription<SetProperty> = {
  area: 'settings',
  target: ({ key }) => propertyTarget(key),
  sign: ({ base }) => (base === null ? '+' : '~'),
  describe: ({ key, value, base, column }) => {
    const name = settingOfColumn(key, column) ?? [{ name: key }]
    return base === null
      ? ['Set', ...name, 'to', { value }]
      : ['Change', ...name, 'from', { value: base }, 'to', { value }]
  },
  effects: ({ key }, figures) => {
    if (isAboutKey(key)) return 'No data file changes; people see it next to the name from now on.'
    if (isCheckKey(key)) return 'No data file changes; publishing a branch also waits for this check from now on.'
    if (isRuleKey(key)) return 'No row of the table changes; loads also reject rows that break this rule from now on.'
    return key.startsWith('write.')
      ? `${existingFiles(figures, 'data files')} stay as they are; writers that honour it follow it from now on.`
      : 'No data file changes; engines that honour it follow it from now on.'
  },
}
