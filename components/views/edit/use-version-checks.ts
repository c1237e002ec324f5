'use client'
import { useMemo } from 'react'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { findDraftProblems, type ViewProblem, type ViewVersionDraft } from '@/lib/changes/view-edits/view-draft'
import { viewSqlProblem } from '@/lib/query/checks/view-sql-problem'
import { useSqlColumns } from './use-sql-columns'
import type { ViewForm } from './use-view-form'

export type VersionChecks = ReturnType<typeof useVersionChecks>

/**
 * The problems of a version being edited, and the columns of its SQL.
 *
 * @param retainedDialects of the version before: their SQL stays unchanged
 */
export function useVersionChecks(
  view: ViewIdentifier,
  form: ViewForm,
  draft: ViewVersionDraft,
  retainedDialects: readonly string[],
) {
  const retainedKey = retainedDialects.join('\n')
  const problems = useMemo((): ViewProblem[] => {
    const retained = new Set(retainedKey.split('\n'))
    const sqlProblems = draft.representations.flatMap((one, index) => {
      const message = retained.has(one.dialect) ? null : viewSqlProblem(one)
      return message === null ? [] : [{ part: { kind: 'sql' as const, index }, message }]
    })
    const isOfRetained = ({ part }: ViewProblem) =>
      part.kind === 'sql' && retained.has(draft.representations[part.index]?.dialect ?? '')
    return [...findDraftProblems(draft).filter((problem) => !isOfRetained(problem)), ...sqlProblems]
  }, [draft, retainedKey])
  const { open, fields } = form
  const openIndex = open === null ? -1 : fields.sqls.indexOf(open)
  const isOpenWrong = problems.some(
    ({ part }) => (part.kind === 'sql' || part.kind === 'dialect') && part.index === openIndex,
  )
  const openSql = draft.representations[openIndex] ?? null
  // Unchanged SQL returns the columns of its version.
  const isOpenRetained = openSql !== null && retainedDialects.includes(openSql.dialect)
  const found = useSqlColumns(view, isOpenWrong || isOpenRetained ? null : openSql, draft, form)
  const isRefused = found.columns?.outcome === 'refused'
  // The columns belong to other SQL until the user declares them.
  const isUnknown = found.columns !== null && found.columns.outcome !== 'found' && !fields.isByHand
  return { problems, found, isReady: problems.length === 0 && !found.isReading && !isRefused && !isUnknown }
}
