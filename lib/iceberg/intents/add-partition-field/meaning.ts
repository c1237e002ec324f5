import type { IntentMeaning } from '../intent-kind'
import type { AddPartitionField } from './words'

export const addPartitionFieldMeaning: IntentMeaning<AddPartitionField> = () =>
  'Existing files keep the partition spec they were written with; readers use both.'
