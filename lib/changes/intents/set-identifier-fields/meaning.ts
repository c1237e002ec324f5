import type { IntentMeaning } from '../intent-kind'
import type { SetIdentifierFields } from './words'

export const setIdentifierFieldsMeaning: IntentMeaning<SetIdentifierFields> = ({ fieldIds }) =>
  fieldIds.length === 0
    ? 'No data file changes; engines that upsert by them need another key.'
    : 'No data file changes; Iceberg does not check that they are unique.'
