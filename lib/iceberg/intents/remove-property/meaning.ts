import type { IntentMeaning } from '../intent-kind'
import type { RemoveProperty } from './words'

export const removePropertyMeaning: IntentMeaning<RemoveProperty> = ({ key }) =>
  key.startsWith('write.')
    ? 'Existing data files stay as they are; writers return to their default.'
    : 'No data file changes; engines that honour it return to their default.'
