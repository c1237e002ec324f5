import { type About, ABOUT_KEYS, parseBadge, parseTags } from './about'

/**
 * Descriptions of a column, in addition to its `doc`: `lakeshore.column.<field id>.<what>`. The key has the column's id
 * because it stays when the column is renamed.
 */

const PREFIX = 'lakeshore.column.'

const COLUMN_ABOUT = ['tags', 'badge', 'badge-reason'] as const
type ColumnAbout = (typeof COLUMN_ABOUT)[number]

const LABELS: Readonly<Record<ColumnAbout, string>> = {
  tags: 'tags',
  badge: 'badge',
  'badge-reason': 'reason of the badge',
}

/** @param fieldId or what stands for it in a description */
export function columnAboutKey(fieldId: number | string, what: ColumnAbout): string {
  return `${PREFIX}${fieldId}.${what}`
}

/** The column of a property, and the name of the setting after *the* and before *of a column*; null for others. */
export function parseColumnAboutKey(key: string): { fieldId: number; label: string; pattern: string } | null {
  const [, digits = '', name] = (key.startsWith(PREFIX) && /^(\d{1,10})\.(.+)$/.exec(key.slice(PREFIX.length))) || []
  const what = COLUMN_ABOUT.find((known) => known === name)
  const fieldId = Number(digits)
  // With leading zeros, two keys would be about one column.
  if (what === undefined || String(fieldId) !== digits) return null
  return { fieldId, label: LABELS[what], pattern: columnAboutKey('<field id>', what) }
}

/** Whether a property is what people say of the table, or of one of its columns. */
export function isAboutKey(key: string): boolean {
  return Object.values(ABOUT_KEYS).includes(key) || parseColumnAboutKey(key) !== null
}

export function readColumnAbout(
  properties: Readonly<Record<string, string>>,
  fieldId: number,
): Pick<About, 'tags' | 'badge' | 'badgeReason'> {
  const badge = parseBadge(properties[columnAboutKey(fieldId, 'badge')])
  return {
    tags: parseTags(properties[columnAboutKey(fieldId, 'tags')] ?? ''),
    badge,
    badgeReason: badge && (properties[columnAboutKey(fieldId, 'badge-reason')]?.trim() || null),
  }
}
