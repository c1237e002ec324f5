import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { RemovePartitionField } from './words'

export const removePartitionFieldMeaning: IntentMeaning<RemovePartitionField> = (_intent, figures) =>
  `${existingFiles(figures)} keep their partitions, and readers still skip by them; new files are written without it.`
