import { existingFiles } from '../existing-files'
import type { IntentDescription } from '../intent-description'

/** Chooses a partition spec that the table has had. `base` is the id of the one that the person saw. */
export type SetDefaultSpec = { kind: 'set-default-spec'; specId: number; base: number }

export const setDefaultSpecDescription: IntentDescription<SetDefaultSpec> = {
  area: 'layout',
  target: () => 'current partition spec',
  sign: () => '~',
  describe: ({ specId }) => ['Return to the partition spec', { name: `id ${specId}` }],
  effects: (_intent, figures) =>
    `${existingFiles(figures)} keep the partition spec they were written with; new files follow this one.`,
}
