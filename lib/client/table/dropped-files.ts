import { useSyncExternalStore } from 'react'
import { AppError } from '@/lib/errors'
import { runBeforeSignOut } from '../session/sign-out-tasks'

/** A Parquet file of the user's disk. It is read in this browser and never uploaded. */
export type DroppedFile = {
  /** As SQL names it after `dropped:`; unique. */
  name: string
  /** Distinguishes it from an earlier file of the same name. */
  id: number
  file: File
}

const MAX_FILES = 20
/** The browser reads parts of the file from disk, so this bounds mistakes, not memory. */
const MAX_FILE_BYTES = 16 * 1024 * 1024 * 1024
const MAX_NAME_CHARS = 200
const MAGIC_BYTES = 4

type State = {
  files: readonly DroppedFile[]
  /** Why files were not opened that were chosen last. */
  problems: readonly AppError[]
}

const NOTHING: State = { files: [], problems: [] }
let state = NOTHING
let lastId = 0
const listeners = new Set<() => void>()

function change(part: Partial<State>): void {
  state = { ...state, ...part }
  for (const listener of listeners) listener()
}

/** @throws {AppError} saying why it cannot be opened */
export async function openDroppedFile(file: File): Promise<DroppedFile> {
  try {
    return await addDroppedFile(file)
  } catch (error) {
    throw error instanceof AppError ? error : unreadableError(file.name, error)
  }
}

/** Opens files one after another. Why one cannot be opened is in {@link useDroppedFiles}. */
export async function openDroppedFiles(chosen: Iterable<File>): Promise<DroppedFile[]> {
  change({ problems: [] })
  const opened: DroppedFile[] = []
  for (const file of chosen) {
    try {
      opened.push(await openDroppedFile(file))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      change({ problems: [...state.problems, error] })
    }
  }
  return opened
}

function unreadableError(name: string, cause: unknown): AppError {
  return new AppError('file-missing', `${name} cannot be read from your disk.`, {
    cause,
    facts: { file: name, hint: 'Check that it still exists and that you may read it, then open it again.' },
  })
}

/**
 * Adds a file for as long as this page is open. A file of the same name replaces the earlier one.
 *
 * @throws {AppError} not-supported for a file that is not Parquet, too-large
 */
async function addDroppedFile(file: File): Promise<DroppedFile> {
  const name = file.name.slice(-MAX_NAME_CHARS)
  const facts = { file: name }
  if (file.size > MAX_FILE_BYTES)
    throw new AppError('too-large', `${name} is larger than 16 GiB.`, {
      facts: { ...facts, hint: 'Open smaller files, or load it into a table.' },
    })
  const [start, end] = await Promise.all([
    file.slice(0, MAGIC_BYTES).text(),
    file.slice(Math.max(0, file.size - MAGIC_BYTES)).text(),
  ])
  if (end === 'PARE')
    throw new AppError('not-supported', `${name} is encrypted, which Lakeshore cannot read.`, {
      facts: { ...facts, hint: 'Decrypt it with the program that wrote it.' },
    })
  if (file.size < 3 * MAGIC_BYTES || start !== 'PAR1' || end !== 'PAR1')
    throw new AppError('not-supported', `${name} is not a Parquet file.`, {
      facts: { ...facts, hint: 'Choose a complete Parquet file.' },
    })
  const others = state.files.filter((other) => other.name !== name)
  if (others.length >= MAX_FILES)
    throw new AppError('too-large', `${MAX_FILES} files are open. Close one before you open ${name}.`, {
      facts: { ...facts, hint: 'Open files are listed in Queries, next to the editor.' },
    })
  lastId += 1
  const added = { name, id: lastId, file }
  change({ files: [...others, added] })
  return added
}

export function removeDroppedFile(name: string): void {
  change({ files: state.files.filter((file) => file.name !== name), problems: [] })
}

/** @throws {AppError} not-found, naming the files that are open */
export function findDroppedFile(name: string): DroppedFile {
  const found = state.files.find((file) => file.name === name)
  if (found) return found
  const open = state.files.map((file) => file.name).join(', ')
  throw new AppError(
    'not-found',
    open === '' ? `${name} is not open in this page.` : `${name} is not open in this page. These files are: ${open}.`,
    {
      facts: {
        file: name,
        hint: 'Drop the file on Query, or choose it there. Files stay open until you leave the page.',
      },
    },
  )
}

export function useDroppedFiles(): State {
  return useSyncExternalStore(
    subscribe,
    () => state,
    () => NOTHING,
  )
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

runBeforeSignOut(() => change(NOTHING))
