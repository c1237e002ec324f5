'use client'
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'

const QUERY_PARSERS = { version: parseAsInteger, dialect: parseAsString, against: parseAsInteger }

/**
 * What of a view is looked at, which the address says: `?version=`, else the current one; `?dialect=`, else the first;
 * `?against=`, another version that the SQL is laid over.
 */
export function useShownVersion({ versions, currentVersionId }: ViewDetail) {
  const [params, setParams] = useQueryStates(QUERY_PARSERS, { history: 'push' })
  const findVersion = (id: number) => versions.find(({ versionId }) => versionId === id) ?? null
  const requestedId = params.version ?? currentVersionId
  const shown: ViewVersion | null = findVersion(requestedId)
  const dialects =
    shown?.representations.flatMap((representation) =>
      representation.type === 'sql' ? [representation.dialect] : [],
    ) ?? []
  return {
    askedId: requestedId,
    shown,
    isCurrent: requestedId === currentVersionId,
    /** The first where the shown version has no SQL in the one asked for; null where it has none at all. */
    dialect: dialects.includes(params.dialect ?? '') ? params.dialect : (dialects[0] ?? null),
    against: params.against === null || params.against === requestedId ? null : findVersion(params.against),
    showVersion: (id: number) => void setParams({ version: id === currentVersionId ? null : id, against: null }),
    showDialect: (dialect: string) => void setParams({ dialect }),
    compareWith: (id: number | null) => void setParams({ against: id }),
  }
}

export type ShownVersion = ReturnType<typeof useShownVersion>
