import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { RemoveProperty } from './words'

export const removePropertyMeaning: IntentMeaning<RemoveProperty> = ({ key }, figures) =>
  key.startsWith('write.')
    ? `${existingFiles(figures, 'data files')} stay as they are; writers return to their default.`
    : 'No data file changes; engines that honour it return to their default.'
