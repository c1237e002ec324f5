import 'server-only'

/**
 * The default export of a CommonJS module. Bundlers import the export itself, as the types say; Node imports the whole
 * module with the export in it.
 */
export function defaultExport<Exported extends (...parts: never[]) => unknown>(imported: Exported): Exported {
  const given = imported as Exported | { default: Exported }
  return typeof given === 'function' ? given : given.default
}
