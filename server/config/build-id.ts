import 'server-only'
import { existsSync, readFileSync } from 'node:fs'

const BUILD_ID_FILE = '.next/BUILD_ID'

/** Names the build of pages that this process serves; null without one. */
export function readBuildId(): string | null {
  return existsSync(BUILD_ID_FILE) ? readFileSync(BUILD_ID_FILE, 'utf8').trim() : null
}
