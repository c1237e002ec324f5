import { pythonWithPyiceberg, pythonWithSigner } from '../pyiceberg.ts'
import { s3ServerProgram } from '../s3-server.ts'
import { COMPATIBILITY_KIT, SPARK_AWS, SPARK_RUNTIME } from './jars.ts'
import { fetchJars } from './maven.ts'
import { pythonWithSpark } from './pyspark.ts'

/** Fetches what one kind of peer needs: `node scripts/interop/install.ts <what>`. Ends with 1 where it cannot be had. */
const INSTALLS: Record<string, () => unknown> = {
  jars: () => fetchJars([...COMPATIBILITY_KIT, SPARK_RUNTIME, SPARK_AWS]),
  pyiceberg: pythonWithPyiceberg,
  'pyiceberg-s3fs': pythonWithSigner,
  pyspark: pythonWithSpark,
  s3: s3ServerProgram,
}

const what = process.argv[2] ?? ''
const install = INSTALLS[what]
if (!install) throw new Error(`There is no "${what}" to install, only ${Object.keys(INSTALLS).join(', ')}.`)
try {
  if ((await install()) === null) process.exitCode = 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
