import { ABOUT_KEYS, readAbout } from '../iceberg/properties/about'
import { parseColumnAboutKey, readColumnAbout } from '../iceberg/properties/column-about'
import { CLONED_FROM } from '../iceberg/properties/cloned-from'
import { isSecretProperty } from '../iceberg/properties/secret-property'
import { indexFields } from '../iceberg/schema/schema'
import { typeLabel } from '../iceberg/schema/type-label'
import type { Schema } from '../iceberg/schema/types'
import type { TableMetadata } from '../iceberg/metadata/table-metadata'
import type { ViewMetadata } from '../iceberg/view/view-metadata'
import type { EntryKind } from './entry-kinds'

/** Something that is found in a table, a view or a namespace. */
export type FoundEntry = {
  kind: EntryKind
  name: string
  detail: string | null
  /** Identifies the entry in a link: the id of a column, the location of a file. */
  target: string | null
}

/** The limits of one object. */
const MAX_COLUMNS = 2_000
const MAX_PROPERTIES = 500
const MAX_REFS = 1_000
const MAX_SNAPSHOTS = 1_000
const MAX_METADATA_FILES = 100
const MAX_MANIFEST_LISTS = 200
const MAX_DETAIL_CHARS = 300
const MAX_NAME_CHARS = 1_000

/** They are entries of their own. */
const ABOUT: ReadonlySet<string> = new Set(Object.values(ABOUT_KEYS))

type Properties = Readonly<Record<string, string>>

/** `isTruncated`: there is more in the object than search finds. */
export type FoundEntries = { entries: FoundEntry[]; isTruncated: boolean }

export function tableEntries(metadata: TableMetadata, metadataLocation: string): FoundEntries {
  const { schemas, currentSchemaId, properties, snapshots, refs, metadataLog } = metadata
  const schema = schemas.find(({ schemaId }) => schemaId === currentSchemaId)
  const newest = snapshots.slice(-MAX_SNAPSHOTS).reverse()
  const lists = newest.slice(0, MAX_MANIFEST_LISTS).flatMap(({ manifestList }) => manifestList ?? [])
  const metadataFiles = [
    metadataLocation,
    ...metadataLog.slice(-MAX_METADATA_FILES).map(({ metadataFile }) => metadataFile),
  ]
  return cutEntries([
    ...(schema ? [columnEntries(schema, properties)] : []),
    aboutEntries(properties),
    propertyEntries(properties),
    {
      entries: Object.entries(refs)
        .slice(0, MAX_REFS)
        .map(([name, { type }]) => ({ kind: 'ref' as const, name, detail: type, target: null })),
      isTruncated: Object.keys(refs).length > MAX_REFS,
    },
    {
      entries: newest.map(({ snapshotId, summary }) => ({
        kind: 'snapshot' as const,
        name: snapshotId,
        detail: summary['operation'] ?? null,
        target: null,
      })),
      isTruncated: snapshots.length > MAX_SNAPSHOTS,
    },
    {
      entries: [
        ...metadataFiles.map((location) => fileEntry(location, 'metadata file')),
        ...lists.map((location) => fileEntry(location, 'manifest list')),
      ],
      isTruncated: metadataLog.length > MAX_METADATA_FILES || snapshots.length > MAX_MANIFEST_LISTS,
    },
  ])
}

export function viewEntries({ schemas, versions, currentVersionId, properties }: ViewMetadata): FoundEntries {
  const version = versions.find(({ versionId }) => versionId === currentVersionId)
  const schema = schemas.find(({ schemaId }) => schemaId === version?.schemaId)
  return cutEntries([
    ...(schema ? [columnEntries(schema, {})] : []),
    aboutEntries(properties),
    propertyEntries(properties),
  ])
}

export function namespaceEntries(properties: Properties): FoundEntries {
  return cutEntries([aboutEntries(properties), propertyEntries(properties)])
}

/** The detail of an entry that is a data file of a table. */
export const DATA_FILE = 'data file'

export function fileEntry(location: string, what: string): FoundEntry {
  return { kind: 'file', name: location.slice(location.lastIndexOf('/') + 1), detail: what, target: location }
}

function columnEntries(schema: Schema, properties: Properties): FoundEntries {
  const fields = [...indexFields(schema).values()]
  const entries = fields.slice(0, MAX_COLUMNS).flatMap(({ field, path }): FoundEntry[] => {
    const name = path.join('.')
    const target = String(field.id)
    const { tags, badge, badgeReason } = readColumnAbout(properties, field.id)
    return [
      { kind: 'column', name, detail: field.doc?.trim() || typeLabel(field.type), target },
      ...tags.map((tag): FoundEntry => ({ kind: 'tag', name: tag, detail: name, target })),
      ...(badge
        ? [
            {
              kind: 'badge' as const,
              name: badge,
              detail: badgeReason === null ? name : `${name}: ${badgeReason}`,
              target,
            },
          ]
        : []),
    ]
  })
  return { entries, isTruncated: fields.length > MAX_COLUMNS }
}

function aboutEntries(properties: Properties): FoundEntries {
  const { description, owner, tags, badge, badgeReason } = readAbout(properties)
  const entries: FoundEntry[] = [
    ...tags.map((tag): FoundEntry => ({ kind: 'tag', name: tag, detail: null, target: null })),
    ...(badge ? [{ kind: 'badge' as const, name: badge, detail: badgeReason, target: null }] : []),
    ...(owner === null ? [] : [{ kind: 'owner' as const, name: owner, detail: null, target: null }]),
    ...(description === null ? [] : [{ kind: 'description' as const, name: description, detail: null, target: null }]),
  ]
  return { entries, isTruncated: false }
}

/** Values that grant access, and names of other tables, are not indexed: a search would find them out. */
function propertyEntries(properties: Properties): FoundEntries {
  const shown = Object.entries(properties).filter(([key]) => !ABOUT.has(key) && parseColumnAboutKey(key) === null)
  const entries = shown.slice(0, MAX_PROPERTIES).map(
    ([key, value]): FoundEntry => ({
      kind: 'property',
      name: key,
      detail: isSecretProperty(key) || key === CLONED_FROM.table ? null : value,
      target: null,
    }),
  )
  return { entries, isTruncated: shown.length > MAX_PROPERTIES }
}

function cutEntries(found: readonly FoundEntries[]): FoundEntries {
  const shorten = (text: string, limit: number) => (text.length > limit ? text.slice(0, limit).toWellFormed() : text)
  return {
    entries: found.flatMap(({ entries }) =>
      entries.map((entry) => ({
        ...entry,
        name: shorten(entry.name, MAX_NAME_CHARS),
        detail: entry.detail === null ? null : shorten(entry.detail, MAX_DETAIL_CHARS),
      })),
    ),
    isTruncated: found.some(({ isTruncated }) => isTruncated),
  }
}
