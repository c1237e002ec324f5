import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { SetDefaultSpec } from './words'

export const setDefaultSpecMeaning: IntentMeaning<SetDefaultSpec> = (_intent, figures) =>
  `${existingFiles(figures)} keep the partition spec they were written with; new files follow this one.`
