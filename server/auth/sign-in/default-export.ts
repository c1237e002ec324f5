import 'server-only'

/**
 * The default export of a CommonJS module. Bundlers import the export itself, as the types say; Node imports the whole
 * module with the export in it.
 */
export function defaultExport<Export extends (...parts: never[]) => unknown>(imported: Export): Export {
  const moduleOrExport = imported as Export | { default: Export }
  return typeof moduleOrExport === 'function' ? moduleOrExport : moduleOrExport.default
}
