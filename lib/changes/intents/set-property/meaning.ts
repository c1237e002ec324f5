import { isAboutKey } from '@/lib/iceberg/properties/column-about'
import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { SetProperty } from './words'

export const setPropertyMeaning: IntentMeaning<SetProperty> = ({ key }, figures) => {
  if (isAboutKey(key)) return 'No data file changes; people see it next to the name from now on.'
  return key.startsWith('write.')
    ? `${existingFiles(figures, 'data files')} stay as they are; writers that honour it follow it from now on.`
    : 'No data file changes; engines that honour it follow it from now on.'
}
