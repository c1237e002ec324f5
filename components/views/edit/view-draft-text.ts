import { draftFromText, draftToText } from '@/lib/changes/new-table/draft-text'
import type { ViewFields } from './use-view-form'

/** The fields as text for a browser's storage. They may be unfinished. */
export function fieldsToText({ columns, ...fields }: ViewFields): string {
  return JSON.stringify({ ...fields, columns: draftToText(columns) })
}

/** Null for an unreadable text, such as one of another version of Lakeshore. */
export function fieldsFromText(text: string): ViewFields | null {
  try {
    const stored: unknown = JSON.parse(text)
    if (!isObject(stored) || typeof stored['columns'] !== 'string') return null
    const columns = draftFromText(stored['columns'])
    const { name, sqls, openId, defaultCatalog, defaultNamespace, about, isByHand } = stored
    if (columns === null || !Array.isArray(sqls) || !sqls.every(isFormSql) || !isAbout(about)) return null
    if (typeof name !== 'string' || typeof openId !== 'number' || typeof isByHand !== 'boolean') return null
    if (typeof defaultCatalog !== 'string' || typeof defaultNamespace !== 'string') return null
    return { name, sqls, openId, defaultCatalog, defaultNamespace, about, columns, isByHand }
  } catch {
    return null
  }
}

type Json = Record<string, unknown>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}

function isFormSql(value: unknown): value is ViewFields['sqls'][number] {
  return (
    isObject(value) &&
    Number.isSafeInteger(value['id']) &&
    typeof value['dialect'] === 'string' &&
    typeof value['sql'] === 'string'
  )
}

function isAbout(value: unknown): value is ViewFields['about'] {
  if (!isObject(value)) return false
  const { description, owner, tags, badge, badgeReason, isProtected } = value
  return (
    [description, owner, badgeReason].every((text) => text === null || typeof text === 'string') &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string') &&
    (badge === null || badge === 'certified' || badge === 'deprecated') &&
    (isProtected === null || typeof isProtected === 'boolean')
  )
}
