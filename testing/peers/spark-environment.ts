import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { sharedClassOptions } from './class-archive.ts'

/** Statements are small, so neither optimized compilation nor parallel collection pays off. */
const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/** Nor does compiling each query, planning it again while it runs, dividing its rows, or describing it in detail. */
const SETTINGS = [
  'spark.sql.codegen.wholeStage=false',
  'spark.sql.codegen.factoryMode=NO_CODEGEN',
  'spark.sql.adaptive.enabled=false',
  'spark.sql.shuffle.partitions=1',
  'spark.sql.ui.explainMode=simple',
]

/**
 * The environment of a Python that starts Spark: for small statements, on the loopback, because the host name of a
 * machine may not resolve. What the program itself sets takes precedence.
 *
 * @param python the interpreter with PySpark
 * @param isShort whether it runs a few statements only
 */
export function sparkEnvironment(python: string, { isShort = false } = {}): Record<string, string> {
  const java = [...JAVA_OPTIONS, ...sharedClassOptions('spark', [findSparkJars(python)], { isWriter: isShort })]
  const settings = SETTINGS.map((setting) => `--conf ${setting}`).join(' ')
  return {
    SPARK_LOCAL_IP: '127.0.0.1',
    // Also the program that prepares the start of Spark.
    JAVA_TOOL_OPTIONS: JAVA_OPTIONS.join(' '),
    PYSPARK_SUBMIT_ARGS: `--driver-java-options "${java.join(' ')}" ${settings} pyspark-shell`,
  }
}

/** The folder that PySpark was installed with; jars of a session are loaded separately. */
function findSparkJars(python: string): string {
  const library = path.join(path.dirname(python), '..', 'lib')
  const folders = readdirSync(library).map((name) => path.join(library, name, 'site-packages', 'pyspark', 'jars'))
  const found = folders.find((folder) => existsSync(folder))
  if (found === undefined) throw new Error(`PySpark has no jars below ${library}.`)
  return found
}
