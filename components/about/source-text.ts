import { runKindTitle } from '@/lib/contract/run-kinds'
import type { HistoryEntry } from '@/lib/contract/table/history'

export const SOURCES: Record<HistoryEntry['source'], string> = {
  console: 'in this console',
  engine: 'through the REST catalog',
  job: 'job',
  'command-line': 'command line',
  demo: 'demo lake',
  server: 'job or command line',
  commit: 'commit',
}

/** Where a change came from: the engine with its token, the kind of a job, or one of {@link SOURCES}. */
export function sourceText({ source, job, via }: Pick<HistoryEntry, 'source' | 'job' | 'via'>): string {
  if (via) return `${via.client ?? 'a program'} · token ${via.token}${via.isService ? ' · service account' : ''}`
  return job === null ? SOURCES[source] : `${runKindTitle(job)} job`
}
