import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { AddPartitionField } from './words'

export const addPartitionFieldMeaning: IntentMeaning<AddPartitionField> = (_intent, figures) =>
  `${existingFiles(figures)} keep the partition spec they were written with; readers use both.`
