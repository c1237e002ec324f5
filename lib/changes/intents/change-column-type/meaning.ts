import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { ChangeColumnType } from './words'

export const changeColumnTypeMeaning: IntentMeaning<ChangeColumnType> = ({ base, type }, figures) =>
  `${existingFiles(figures)} keep ${base}; readers see their values as ${type}.`
