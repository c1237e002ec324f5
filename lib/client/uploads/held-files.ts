import { useSyncExternalStore } from 'react'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { runBeforeSignOut } from '../session/sign-out-tasks'
import { MAX_PAGE_UPLOADS } from './page-upload'

/**
 * A file that was dropped before its user has said which table gets its rows. It stays in this browser: the load form of
 * its table uploads it.
 */
export type HeldFile = {
  id: number
  file: File
  /** Null until it is known. */
  target: TableIdentifier | null
}

const NONE: readonly HeldFile[] = []

let held = NONE
let lastId = 0
const listeners = new Set<() => void>()

function change(next: readonly HeldFile[]): void {
  held = next
  for (const listener of listeners) listener()
}

/**
 * Holds files in addition to others, all of them or none.
 *
 * @returns their ids
 * @throws {AppError} too-large
 */
export function holdFiles(files: readonly File[]): number[] {
  if (held.length + files.length > MAX_PAGE_UPLOADS)
    throw new AppError(
      'too-large',
      `${formatCount(held.length + files.length)} files are too many: a load has at most ${formatCount(MAX_PAGE_UPLOADS)}. No file was added.`,
      { facts: { hint: 'Join small files into larger ones, or load them in several runs.' } },
    )
  const added = files.map((file): HeldFile => ({ id: (lastId += 1), file, target: null }))
  change([...held, ...added])
  return added.map(({ id }) => id)
}

/** Holds other files in their place. */
export function holdInstead(files: readonly File[]): readonly HeldFile[] {
  change(NONE)
  holdFiles(files)
  return held
}

export function dropHeldFiles(ids: readonly number[]): void {
  change(held.filter(({ id }) => !ids.includes(id)))
}

/** The files, or all of them, are for this table. They are held until its form is open. */
export function aimHeldFiles(target: TableIdentifier, ids?: readonly number[]): void {
  change(held.map((one) => (ids === undefined || ids.includes(one.id) ? { ...one, target } : one)))
}

/** The files for a table, in the order in which they were dropped. */
export function heldFilesFor(table: TableIdentifier): readonly HeldFile[] {
  return held.filter(({ target }) => target !== null && isSameTable(target, table))
}

/** The same array until something changes. */
export function useHeldFiles(): readonly HeldFile[] {
  return useSyncExternalStore(
    subscribe,
    () => held,
    () => NONE,
  )
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

runBeforeSignOut(() => change(NONE))
