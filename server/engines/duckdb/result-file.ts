import 'server-only'
import path from 'node:path'

/** The file of a saved result: in the folder of the process, the only one that it may write to. */
export function resultFile(tempDir: string): string {
  return path.join(tempDir, 'result.parquet')
}
