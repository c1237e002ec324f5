import type { ViewVersion } from '@/lib/contract/views'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import type { ViewVersionDraft } from '@/lib/changes/view-edits/view-draft'
import type { ViewEdit } from '@/lib/changes/view-edits/view-edit'
import { normalizeViewSql } from '@/lib/query/checks/view-sql-problem'
import { sqlsOf, type ViewFields } from './use-view-form'

/** @param known a namespace whose levels may contain dots */
export function toDraft(fields: ViewFields, known: readonly Namespace[]): ViewVersionDraft {
  return {
    representations: fields.sqls.map(({ dialect, sql }) => ({ dialect: dialect.trim(), sql: normalizeViewSql(sql) })),
    ...toDefaults(fields, known),
    schema: fields.columns.schema,
  }
}

export function toDefaults(
  { defaultCatalog, defaultNamespace }: ViewFields,
  known: readonly Namespace[],
): Pick<ViewVersionDraft, 'defaultCatalog' | 'defaultNamespace'> {
  const text = defaultNamespace.trim()
  return {
    defaultCatalog: defaultCatalog.trim() || null,
    defaultNamespace:
      known.find((one) => namespaceLabel(one) === text) ?? (text === '' ? [] : text.split('.').filter(Boolean)),
  }
}

/** The edit that makes a new version of the draft, with the unchanged dialects. */
export function toEdit(draft: ViewVersionDraft, base: ViewVersion): Extract<ViewEdit, { kind: 'replace' }> {
  const before = sqlsOf(base)
  const isRetained = ({ dialect, sql }: ViewVersionDraft['representations'][number]) =>
    before.some((one) => one.dialect === dialect && normalizeViewSql(one.sql) === sql)
  return {
    kind: 'replace',
    baseVersionId: base.versionId,
    ...draft,
    representations: draft.representations.filter((one) => !isRetained(one)),
    retainedDialects: draft.representations.filter(isRetained).map(({ dialect }) => dialect),
  }
}
