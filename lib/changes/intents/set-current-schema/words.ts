import type { IntentWords } from '../intent-kind'

/** Chooses a schema that the table has had. `base` is the id of the one that the person saw. */
export type SetCurrentSchema = { kind: 'set-current-schema'; schemaId: number; base: number }

export const setCurrentSchemaWords: IntentWords<SetCurrentSchema> = {
  area: 'schema',
  target: () => 'current schema',
  sign: () => '~',
  words: ({ schemaId }) => ['Return to the schema', { name: `id ${schemaId}` }],
}
