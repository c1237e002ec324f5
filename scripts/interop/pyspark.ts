import { pythonWith } from '../python.ts'

const VERSION = '3.5.7'

/** A Python that has Spark with its Java half (320 MB on first use), as {@link pythonWith} gives it. */
export function pythonWithSpark(): string | null {
  return pythonWith({ name: 'PySpark', version: VERSION, packages: [`pyspark==${VERSION}`, 'py4j==0.10.9.7'] })
}
