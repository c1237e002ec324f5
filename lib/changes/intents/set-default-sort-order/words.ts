import type { IntentWords } from '../intent-kind'

/** Chooses a sort order that the table has had. `base` is the id of the one that the person saw. */
export type SetDefaultSortOrder = { kind: 'set-default-sort-order'; orderId: number; base: number }

export const setDefaultSortOrderWords: IntentWords<SetDefaultSortOrder> = {
  area: 'layout',
  target: () => 'sort order',
  sign: () => '~',
  words: ({ orderId }) => ['Return to the sort order', { name: `id ${orderId}` }],
}
