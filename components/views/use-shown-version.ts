'use client'
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'

const ADDRESS = { version: parseAsInteger, dialect: parseAsString, against: parseAsInteger }

/**
 * What of a view is looked at, which the address says: `?version=`, else the current one; `?dialect=`, else the first;
 * `?against=`, another version that the SQL is laid over.
 */
export function useShownVersion({ versions, currentVersionId }: ViewDetail) {
  const [asked, ask] = useQueryStates(ADDRESS, { history: 'push' })
  const byId = (id: number) => versions.find(({ versionId }) => versionId === id) ?? null
  const askedId = asked.version ?? currentVersionId
  const shown: ViewVersion | null = byId(askedId)
  const dialects = shown?.representations.flatMap((one) => (one.type === 'sql' ? [one.dialect] : [])) ?? []
  return {
    askedId,
    shown,
    isCurrent: askedId === currentVersionId,
    /** The first where the shown version has no SQL in the one asked for; null where it has none at all. */
    dialect: dialects.includes(asked.dialect ?? '') ? asked.dialect : (dialects[0] ?? null),
    against: asked.against === null || asked.against === askedId ? null : byId(asked.against),
    showVersion: (id: number) => void ask({ version: id === currentVersionId ? null : id, against: null }),
    showDialect: (dialect: string) => void ask({ dialect }),
    compareWith: (id: number | null) => void ask({ against: id }),
  }
}

export type ShownVersion = ReturnType<typeof useShownVersion>
