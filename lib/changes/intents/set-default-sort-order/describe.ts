import { existingFiles } from '../existing-files'
import type { IntentDescription } from '../intent-description'

/** Chooses a sort order that the table has had. `base` is the id of the one that the person saw. */
export type SetDefaultSortOrder = { kind: 'set-default-sort-order'; orderId: number; base: number }

export const setDefaultSortOrderDescription: IntentDescription<SetDefaultSortOrder> = {
  area: 'layout',
  target: () => 'sort order',
  sign: () => '~',
  describe: ({ orderId }) => ['Return to the sort order', { name: `id ${orderId}` }],
  effects: (_intent, figures) =>
    `${existingFiles(figures)} keep their order; writers that support it, Lakeshore among them, sort new files.`,
}
