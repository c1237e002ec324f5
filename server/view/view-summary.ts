import 'server-only'
import { version } from '@/package.json'

/** The summary of a view's versions, which names their writer. */
export function viewSummary(): Record<string, string> {
  return { 'engine-name': 'Lakeshore', 'engine-version': version }
}
