import 'server-only'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import type { RequestOptions } from './request-options'

/** A table or a view in a list. */
export type ListedVersion = { name: string; metadataLocation: string | null }

/** A page of names in the catalog's order. `after` is the name before the page; null starts at the first name. */
export type PageRequest = { after: string | null; limit: number }

/** `next` is the `after` of the next page, and null on the last one. A page may have fewer items than the limit. */
export type Page<Item> = { items: readonly Item[]; next: string | null }

export type NamespaceContents = { namespaceCount: number; tableCount: number; viewCount: number }

export type CatalogPages = {
  /** @throws {AppError} invalid-request when `after` is not the `next` of an earlier page */
  namespaces(parent: Namespace | null, page: PageRequest): Promise<Page<Namespace>>
  tables(namespace: Namespace, page: PageRequest): Promise<Page<TableIdentifier>>
  views(namespace: Namespace, page: PageRequest): Promise<Page<ViewIdentifier>>
}

export type ListOptions = RequestOptions & {
  /** A catalog behind a network requests no further page once it has so many names. By default it reads all. */
  maxRemoteNames?: number
  /** Called when names are missing from the list because of `maxRemoteNames`. */
  onTruncated?: () => void
  /** A catalog behind a network may return the names that it read within this time. By default it reads them now. */
  maxAgeMs?: number
}

export type ListNamespacesOptions = ListOptions & {
  /**
   * Also returns namespaces that only requests to the catalog can name, not addresses of ours, such as one with an empty
   * level, if the catalog understands these. Absent: they are left out.
   */
  includesUnshown?: boolean
  /** Called with existing namespaces that are left out because no request can address them, such as `..`. */
  onUnaddressable?: (namespaces: readonly Namespace[]) => void
}
