'use client'
import { useEffect, useId, useSyncExternalStore } from 'react'

/** Labels of fields whose text could not become a change, by the id of the field, while they are on screen. */
let unfinished: ReadonlyMap<string, string> = new Map()
const listeners = new Set<() => void>()

function update(change: (next: Map<string, string>) => void): void {
  const next = new Map(unfinished)
  change(next)
  unfinished = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/**
 * Reports a field whose text is not in the pending changes, because it is not a valid value. A review would then cover
 * other changes than the ones on screen.
 */
export function useUnfinishedEdit(label: string, isUnfinished: boolean): void {
  const id = useId()
  useEffect(() => {
    if (!isUnfinished) return
    update((next) => next.set(id, label))
    return () => update((next) => next.delete(id))
  }, [id, label, isUnfinished])
}

/** The label of a field with such a text; null if all fields are finished. */
export function useUnfinishedLabel(): string | null {
  const fields = useSyncExternalStore(
    subscribe,
    () => unfinished,
    () => unfinished,
  )
  return [...fields.values()][0] ?? null
}
