'use client'
import { useKnownCatalog } from '@/lib/client/catalogs'
import type { CatalogLabel } from '@/lib/contract/shapes/catalog-label'
import { type EntryIdentifier, entryLabel } from '@/lib/names/identifiers'
import classes from './catalog-name.module.css'

/** The catalog before the name of an entry, where there is more than one: the same name may exist in another. */
export function CatalogPrefix({ catalog }: { catalog: string }) {
  const { hasOthers } = useKnownCatalog(catalog)
  return hasOthers && <span className="quiet medium">{catalog} › </span>
}

/** The label of the connection of a catalog, such as *production*. */
export function CatalogLabelChip({ catalog }: { catalog: string }) {
  const { label } = useKnownCatalog(catalog)
  return label && <LabelChip {...label} />
}

export function LabelChip({ text, color }: CatalogLabel) {
  return (
    <span className={classes.chip}>
      <span className={classes.color} data-color={color} aria-hidden />
      {text}
    </span>
  )
}

/** The entry that a review is about, where its name alone does not say in which catalog it is. */
export function ReviewedEntry({ entry }: { entry: EntryIdentifier }) {
  const { catalog } = entry
  const { hasOthers, label } = useKnownCatalog(catalog)
  if (!hasOthers && label === null) return null
  return (
    <p className={classes.entry}>
      <span className="breakable">
        <CatalogPrefix catalog={catalog} />
        <span className="strong">{entryLabel(entry)}</span>
      </span>
      {label && <LabelChip {...label} />}
    </p>
  )
}
