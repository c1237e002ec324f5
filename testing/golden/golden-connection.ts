import path from 'node:path'
import { GOLDEN_ROOT, listGoldenTables } from './golden-tables'

const FOLDER = path.join(import.meta.dirname, 'tables')

/** For a home that opens golden tables. */
export const GOLDEN_SETTINGS = { LAKESHORE_LOCAL_ROOTS: FOLDER }

/** The settings of a connection to all golden tables, in the namespace `golden`. */
export function goldenConnection() {
  const root = `file://${GOLDEN_ROOT}`
  return {
    kind: 'files' as const,
    tables: listGoldenTables().map(({ name, metadata }) => ({
      namespace: 'golden',
      table: name,
      metadataLocation: `${root}/${name}/${metadata}`,
    })),
    storage: { kind: 'local' as const, roots: [`file://${FOLDER}`] },
    // Java writes one slash, Python three.
    mappings: [`file:${GOLDEN_ROOT}`, root].map((from) => ({ from, to: `file://${FOLDER}` })),
  }
}
