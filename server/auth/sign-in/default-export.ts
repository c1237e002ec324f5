import 'server-only'

/**
 * The default export of a CommonJS module: bundlers hand it out as the types say, Node hands out the whole module with
 * the export in it.
 */
export function defaultExport<Exported extends (...parts: never[]) => unknown>(imported: Exported): Exported {
  const given = imported as Exported | { default: Exported }
  return typeof given === 'function' ? given : given.default
}
