import { isAboutKey } from '@/lib/iceberg/properties/column-about'
import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { RemoveProperty } from './words'

export const removePropertyMeaning: IntentMeaning<RemoveProperty> = ({ key }, figures) => {
  if (isAboutKey(key)) return 'No data file changes; people no longer see it next to the name.'
  return key.startsWith('write.')
    ? `${existingFiles(figures, 'data files')} stay as they are; writers return to their default.`
    : 'No data file changes; engines that honour it return to their default.'
}
