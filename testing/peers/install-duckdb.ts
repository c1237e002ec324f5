import { installPython } from './install-python.ts'
import { type PythonSession, startPython } from './python-session.ts'

const VERSION = '1.5.5'
/** The extension for Iceberg, and those that it loads. Each is built for one version of DuckDB. */
const EXTENSIONS = ['avro', 'httpfs', 'iceberg']

/** Installs a Python with DuckDB and its extension for Iceberg, as {@link installPython} does. */
export function installDuckdb(): string | null {
  const extensions = EXTENSIONS.map((name) => `duckdb-extension-${name}==${VERSION}`)
  return installPython({ name: 'DuckDB', version: VERSION, packages: [`duckdb==${VERSION}`, ...extensions] })
}

/**
 * A DuckDB of its own, in memory, for which the extensions are installed and not loaded. A request is `{sql}`: one or
 * more statements; the response has the rows of the last one.
 */
export function openDuckdb(python: string): PythonSession {
  return startPython({ name: 'duckdb', python, program: 'duckdb_session.py', settings: { extensions: EXTENSIONS } })
}
