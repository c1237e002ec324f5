import { randomBytes } from 'node:crypto'

/**
 * The settings of a Lakeshore with its state in a PostgreSQL database: its URL, and the settings that all its processes
 * share.
 */
export function postgresSettings(url: string): Record<string, string> {
  return {
    LAKESHORE_DATABASE_URL: url,
    LAKESHORE_SHARED_FILES: 'true',
    LAKESHORE_SECRET: randomBytes(48).toString('base64url'),
    LAKESHORE_SEALING_KEY: randomBytes(48).toString('base64url'),
  }
}
