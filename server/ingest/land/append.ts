import 'server-only'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { type LandingStrategy, NO_OWN_FILES } from './landing'

/** Adds the rows to those of the branch. Valid on every base. */
export const append: LandingStrategy = {
  landsWithoutRows: false,
  onConflict: 'plan-again',
  async begin({ files, schema: { schemaId }, summary }) {
    const operation = appendOperation(
      files.map(({ dataFile }) => dataFile),
      { schemaId, summary },
    )
    return {
      files,
      supersededRowCount: null,
      plan: async () => ({ operation, ...NO_OWN_FILES, counts: null }),
      close: () => {},
    }
  },
}
