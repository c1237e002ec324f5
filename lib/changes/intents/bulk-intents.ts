import { ABOUT_KEYS, parseTags, tagsProblem } from '../../iceberg/properties/about'
import { isUnknownColumnSetting, parseColumnSettingKey } from '../../iceberg/properties/column-settings'
import { propertyProblem } from '../../iceberg/properties/new-property-problem'
import { isReservedProperty } from '../../iceberg/properties/table-properties'
import { type BulkChange, type BulkSetting, bulkChangeTarget, bulkSettings, isBulkSetting } from './bulk-change'
import { intentFor, type PropertiesOfTable, type PropertyIntent } from './property-intent'

/** Why no table can get the change, as a sentence; null if tables can. */
export function bulkChangeProblem(change: BulkSetting): string | null {
  if ('tag' in change) {
    const problem = tagsProblem(change.tag)
    if (problem !== null) return `The tag ${problem}.`
    return parseTags(change.tag)[0] === change.tag ? null : 'A tag is one text without a comma.'
  }
  const { key } = change
  if (parseColumnSettingKey(key) !== null || isUnknownColumnSetting(key))
    return `${key} names a column by its id, which is another column in another table. Set it in the studio of each table.`
  if (change.kind === 'set-property') return propertyProblem(key, change.value)
  return isReservedProperty(key) ? `${key} is a field of the table’s metadata and cannot be removed.` : null
}

/** Why the changes do not fit together, as a sentence; null if they do. */
export function bulkChangesProblem(changes: readonly BulkChange[]): string | null {
  if (changes.length > 1 && !changes.every(isBulkSetting))
    return 'Drop or move tables, or change grants on them, in a change of its own, without other changes.'
  for (const change of bulkSettings(changes)) {
    const problem = bulkChangeProblem(change)
    if (problem !== null) return problem
  }
  const targets = changes.map(bulkChangeTarget)
  const repeated = targets.find((target, index) => targets.indexOf(target) !== index)
  if (repeated !== undefined) return `The changes name the ${repeated} more than once.`
  const changesTags = changes.some((change) => 'tag' in change)
  const setsTags = changes.some((change) => 'key' in change && change.key === ABOUT_KEYS.tags)
  return changesTags && setsTags ? `Set ${ABOUT_KEYS.tags}, or add and remove single tags, not both.` : null
}

/** The intents that give a table the changes; empty when it has all of them already. */
export function bulkIntents(table: PropertiesOfTable, changes: readonly BulkSetting[]): PropertyIntent[] {
  const tags = parseTags(table.properties[ABOUT_KEYS.tags] ?? '')
  const changedTags = changes.reduce((now, change) => {
    if (change.kind === 'add-tag') return now.includes(change.tag) ? now : [...now, change.tag]
    return change.kind === 'remove-tag' ? now.filter((tag) => tag !== change.tag) : now
  }, tags)
  const values = changes.flatMap((change): (readonly [string, string | null])[] =>
    'tag' in change ? [] : [[change.key, change.kind === 'set-property' ? change.value : null]],
  )
  // The property may be written in another way, and is only rewritten when a tag changes.
  const hasOtherTags = changedTags.join() !== tags.join()
  return [...values, ...(hasOtherTags ? [[ABOUT_KEYS.tags, changedTags.join(', ') || null] as const] : [])].flatMap(
    ([key, value]) => intentFor(table, key, value) ?? [],
  )
}
