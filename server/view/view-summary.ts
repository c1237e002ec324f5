import 'server-only'
import { version } from '@/package.json'

/** What the versions of a view say of their writer. */
export function viewSummary(): Record<string, string> {
  return { 'engine-name': 'Lakeshore', 'engine-version': version }
}
