'use client'
import { useEffect, useState } from 'react'
import { loadCode } from '@/lib/load-code'

type Qualify = typeof import('@/lib/query/tables/qualify-names').qualifyQuerySql

/**
 * A function for the text as it is read where no connection is chosen, as from a link. The parser for it is loaded once
 * a connection is chosen that is not the one that names have anyway.
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
