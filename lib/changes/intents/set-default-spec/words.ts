import type { IntentWords } from '../intent-kind'

/** Chooses a partition spec that the table has had. `base` is the id of the one that the person saw. */
export type SetDefaultSpec = { kind: 'set-default-spec'; specId: number; base: number }

export const setDefaultSpecWords: IntentWords<SetDefaultSpec> = {
  area: 'layout',
  target: () => 'current partition spec',
  sign: () => '~',
  words: ({ specId }) => ['Return to the partition spec', { name: `id ${specId}` }],
}
