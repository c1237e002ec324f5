import { useState } from 'react'
import type { LocationFile } from './location-files'

/** The files of locations that the user chose for the load, in the order in which they were chosen. */
export function useLocationFiles(initial: readonly LocationFile[]) {
  const [files, setFiles] = useState(initial)
  return {
    files,
    /** Adds a file that is not in the list yet. */
    add: (file: LocationFile) =>
      setFiles((before) => (before.some(({ fileName }) => fileName === file.fileName) ? before : [...before, file])),
    remove: (fileName: string) => setFiles((before) => before.filter((file) => file.fileName !== fileName)),
    clear: () => setFiles([]),
  }
}

export type LocationFiles = ReturnType<typeof useLocationFiles>
