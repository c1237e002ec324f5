import { useSyncExternalStore } from 'react'

/**
 * Lists in the browser's local storage, one per storage key, that change in every component and every tab at once. A
 * read returns the same array until the stored text changes, as React requires of a store.
 */
export type StoredList<Item> = {
  /** The list of a key; empty for null, and while the server renders. */
  useItems: (storageKey: string | null) => readonly Item[]
  read: (storageKey: string) => readonly Item[]
  /**
   * Replaces a list; an empty one is removed. A list that the browser refuses to store holds until the page is left, as
   * does one with `isStored: false`.
   */
  write: (storageKey: string, items: readonly Item[], options?: { isStored: boolean }) => void
}

/** @param parseItem checks one stored value: another version of Lakeshore may have written it. `null` leaves it out */
export function createStoredList<Item>(parseItem: (value: unknown) => Item | null): StoredList<Item> {
  const noItems: readonly Item[] = []
  const listeners = new Set<() => void>()
  const cache = new Map<string, { text: string | null; items: readonly Item[] }>()

  const parse = (text: string): readonly Item[] => {
    try {
      const stored: unknown = JSON.parse(text)
      return Array.isArray(stored) ? stored.flatMap((value) => parseItem(value) ?? []) : noItems
    } catch {
      return noItems
    }
  }
  const read = (storageKey: string) => {
    const text = storedText(storageKey)
    const cached = cache.get(storageKey)
    if (cached?.text === text) return cached.items
    const items = text === null ? noItems : parse(text)
    cache.set(storageKey, { text, items })
    return items
  }
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    window.addEventListener('storage', listener)
    return () => {
      listeners.delete(listener)
      window.removeEventListener('storage', listener)
    }
  }
  return {
    read,
    useItems: (storageKey) =>
      useSyncExternalStore(
        subscribe,
        () => (storageKey === null ? noItems : read(storageKey)),
        () => noItems,
      ),
    write: (storageKey, items, { isStored } = { isStored: true }) => {
      try {
        if (items.length === 0) localStorage.removeItem(storageKey)
        else if (isStored) localStorage.setItem(storageKey, JSON.stringify(items))
      } catch {
        // The browser's storage is full or blocked: the cache has the list.
      }
      cache.set(storageKey, { text: storedText(storageKey), items })
      for (const listener of listeners) listener()
    },
  }
}

/** Null as well when the browser blocks its storage. */
function storedText(storageKey: string): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}
