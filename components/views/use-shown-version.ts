'use client'
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { type AddressChecks, quoteAddress } from '@/components/ui/notes/address-problems'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'

const QUERY_PARSERS = { version: parseAsInteger, dialect: parseAsString, against: parseAsInteger }

/**
 * The shown version of a view, from the URL: `?version=` or the current one, `?dialect=` or the first one, and
 * `?against=`, a version to compare the SQL with.
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
  const checks: AddressChecks = {
    version: (value) =>
      params.version === null ? `${quoteAddress('version', value)} is not a version. The current one is shown.` : null,
    dialect: (value) =>
      dialects.includes(value)
        ? null
        : `The shown version has no SQL in the dialect ${quoteAddress('dialect', value)}.`,
    against: (value) =>
      params.against === null || findVersion(params.against) === null
        ? `There is no version ${quoteAddress('against', value)}. The SQL is compared with no other version.`
        : null,
  }
  return {
    checks,
    requestedId,
    shown,
    isCurrent: requestedId === currentVersionId,
    /** The requested dialect, or the first one if the shown version does not have it; null without any SQL. */
    dialect: dialects.includes(params.dialect ?? '') ? params.dialect : (dialects[0] ?? null),
    against: params.against === null || params.against === requestedId ? null : findVersion(params.against),
    showVersion: (id: number) => void setParams({ version: id === currentVersionId ? null : id, against: null }),
    showDialect: (dialect: string) => void setParams({ dialect }),
    compareWith: (id: number | null) => void setParams({ against: id }),
  }
}

export type ShownVersion = ReturnType<typeof useShownVersion>
