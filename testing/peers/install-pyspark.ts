import { installPython } from './install-python.ts'

const VERSION = '3.5.7'

/** Installs a Python with Spark and its Java half (320 MB on first use), as {@link installPython} does. */
export function installPyspark(): string | null {
  return installPython({ name: 'PySpark', version: VERSION, packages: [`pyspark==${VERSION}`, 'py4j==0.10.9.7'] })
}
