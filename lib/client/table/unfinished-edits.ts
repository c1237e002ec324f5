'use client'
import { useEffect, useId, useSyncExternalStore } from 'react'

/** The form that a field belongs to: the tray of the table, or one whose values are not changes. */
export type EditedForm = 'tray' | 'layout-candidate'

type UnfinishedEdit = { label: string; form: EditedForm }

/** Fields whose text could not become a value, by the id of the field, while they are on screen. */
let unfinished: ReadonlyMap<string, UnfinishedEdit> = new Map()
const listeners = new Set<() => void>()

function update(change: (next: Map<string, UnfinishedEdit>) => void): void {
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
 * Reports a field whose text its form did not take, because it is not a valid value. A review, or a comparison, would
 * then cover other values than the ones on screen.
 */
export function useUnfinishedEdit(label: string, isUnfinished: boolean, form: EditedForm = 'tray'): void {
  const id = useId()
  useEffect(() => {
    if (!isUnfinished) return
    update((next) => next.set(id, { label, form }))
    return () => update((next) => next.delete(id))
  }, [id, label, isUnfinished, form])
}

/** The label of a field of a form with such a text; null if all of them are finished. */
export function useUnfinishedLabel(form: EditedForm = 'tray'): string | null {
  const fields = useSyncExternalStore(
    subscribe,
    () => unfinished,
    () => unfinished,
  )
  return [...fields.values()].find((field) => field.form === form)?.label ?? null
}
