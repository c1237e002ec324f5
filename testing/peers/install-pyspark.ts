import { installPython } from './install-python.ts'

const VERSION = '3.5.7'

/** A Python that has Spark with its Java half (320 MB on first use), as {@link installPython} gives it. */
export function installPyspark(): string | null {
  return installPython({ name: 'PySpark', version: VERSION, packages: [`pyspark==${VERSION}`, 'py4j==0.10.9.7'] })
}
