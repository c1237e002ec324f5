'use client'
import { useEffect, useState } from 'react'
import { loadCode } from '@/lib/load-code'

type Qualify = typeof import('@/lib/query/tables/qualify-names').qualifyQuerySql

/**
 * Returns a function for the text as a page without a chosen connection reads it, such as from a link. It loads the
 * parser once the user chooses a connection other than the default.
 *
 * @param chosen null: names mean the same everywhere
 */
export function usePortableSql(
  sql: string,
  chosen: { connections: readonly string[]; connection: string } | null,
): () => string {
  const [qualify, setQualify] = useState<Qualify | null>(null)
  const isNeeded = chosen !== null
  useEffect(() => {
    if (!isNeeded) return
    void loadCode(() => import('@/lib/query/tables/qualify-names')).then(({ qualifyQuerySql }) =>
      setQualify(() => qualifyQuerySql),
    )
  }, [isNeeded])
  return () => (chosen === null || qualify === null ? sql : qualify(sql, chosen))
}
