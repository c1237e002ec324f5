import { existsSync } from 'node:fs'
import path from 'node:path'

const FIXTURES_FOLDER = path.resolve(import.meta.dirname, '../../shared/fixtures')

/**
 * Files written by other programs (Spark, Trino, parquet-testing), stored next to the repository and never in it. A
 * test skips with a message if they are absent.
 *
 * @param relativePath such as `iceberg/java/bunnies/metadata/v5.metadata.json`
 * @returns the absolute path, or null if it does not exist
 */
export function findFixture(relativePath: string): string | null {
  const absolute = path.join(FIXTURES_FOLDER, relativePath)
  return existsSync(absolute) ? absolute : null
}
