import { isAboutKey } from '@/lib/iceberg/properties/column-about'
import { isCheckKey } from '@/lib/iceberg/properties/table-checks'
import { isRuleKey } from '@/lib/iceberg/properties/value-rules'
import { existingFiles } from '../existing-files'
import type { IntentDescription } from '../intent-description'
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

export const removePropertyDescription: IntentDescription<RemoveProperty> = {
  area: 'settings',
  target: ({ key }) => propertyTarget(key),
  sign: () => '−',
  describe: ({ key, base, column }) => [
    'Remove',
    ...(settingOfColumn(key, column) ?? [{ name: key }]),
    '(was',
    { value: base },
    ')',
  ],
  effects: ({ key }, figures) => {
    if (isAboutKey(key)) return 'No data file changes; people no longer see it next to the name.'
    if (isCheckKey(key)) return 'No data file changes; publishing a branch no longer waits for this check.'
    if (isRuleKey(key)) return 'No row of the table changes; loads no longer check this rule.'
    return key.startsWith('write.')
      ? `${existingFiles(figures, 'data files')} stay as they are; writers return to their default.`
      : 'No data file changes; engines that honour it return to their default.'
  },
}
