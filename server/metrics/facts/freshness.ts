import 'server-only'
import type { TableFreshness } from '@/lib/contract/home'
import type { FactTable } from '@/server/db/facts/fact-tables'

/**
 * When tables were last committed to, and how often they usually are: the latest tables first, by how many usual
 * intervals ago the last commit was. Tables without a usual interval come last, newest commit first, and tables without
 * commits are left out.
 */
export function listFreshness(
  tables: readonly Pick<FactTable, 'table' | 'lastCommitMs' | 'usualIntervalMs'>[],
  { nowMs, limit }: { nowMs: number; limit: number },
): TableFreshness[] {
  return tables
    .flatMap(({ table, lastCommitMs, usualIntervalMs }) =>
      lastCommitMs === null
        ? []
        : {
            table,
            lastCommitMs,
            medianIntervalMs: usualIntervalMs,
            lateness: usualIntervalMs === null ? -1 : (nowMs - lastCommitMs) / usualIntervalMs,
          },
    )
    .sort((a, b) => b.lateness - a.lateness || b.lastCommitMs - a.lastCommitMs)
    .slice(0, limit)
    .map(({ lateness: _lateness, ...freshness }) => freshness)
}
