import { existingFiles } from '../existing-files'
import type { IntentDescription } from '../intent-description'

/** Chooses a schema that the table has had. `base` is the id of the one that the person saw. */
export type SetCurrentSchema = { kind: 'set-current-schema'; schemaId: number; base: number }

export const setCurrentSchemaDescription: IntentDescription<SetCurrentSchema> = {
  area: 'schema',
  target: () => 'current schema',
  sign: () => '~',
  describe: ({ schemaId }) => ['Return to the schema', { name: `id ${schemaId}` }],
  effects: (_intent, figures) => `${existingFiles(figures)} stay as they are; readers see the columns of that schema.`,
}
