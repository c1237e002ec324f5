import type { IntentMeaning } from '../intent-kind'
import type { ChangeColumnType } from './words'

export const changeColumnTypeMeaning: IntentMeaning<ChangeColumnType> = ({ base, type }) =>
  `Existing files keep ${base}; readers see their values as ${type}.`
