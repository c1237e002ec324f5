import Link from 'next/link'
import type { FolderOwner, FolderUse } from '@/lib/contract/warehouse'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

export type Ownership = { ownership: FolderUse; owner: FolderOwner | null }

/** Who owns a folder, with a link to the table or view if this catalog has it. */
export function OwnerName({ catalog, ownership, owner }: Ownership & { catalog: string }) {
  if (ownership === 'shared') return <span className="quiet">tables in it</span>
  if (ownership === 'unowned') {
    return (
      <span className="warn" title="No table or view of this catalog’s database owns it">
        no table
      </span>
    )
  }
  if (owner === null) {
    return (
      <span className="quiet" title="You may not read it, or it has a name that Lakeshore cannot show">
        another table
      </span>
    )
  }
  const name = ownerLabel(owner)
  if (owner.catalog !== catalog) return <span title={`In the catalog ${owner.catalog}`}>{name}</span>
  return (
    <Link href={paths.entry(catalog, owner.namespace, owner)} prefetch={false}>
      {name}
    </Link>
  )
}

export function ownerLabel({ namespace, name }: FolderOwner): string {
  return `${namespaceLabel(namespace)}.${name}`
}

/** The address of a folder in the storage of the table that owns it; null if the table has no page here. */
export function tableFolderAddress(catalog: string, { owner }: Ownership, location: string): string | null {
  if (owner === null || owner.kind !== 'table' || owner.catalog !== catalog) return null
  return paths.tableFolder({ catalog, namespace: owner.namespace, table: owner.name }, location)
}
