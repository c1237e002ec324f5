/** A saved load reports a file that changed after it was loaded, or loads it again. */
export const CHANGED_FILES = ['report', 'load-again'] as const
export type ChangedFiles = (typeof CHANGED_FILES)[number]

/** Which files each run of a saved load takes. */
export type FileRepeats = {
  /** Only files that no earlier run has loaded; otherwise all of them, each time. */
  newFilesOnly: boolean
  /** Loading a file again adds its rows again, unless the load replaces or updates rows. */
  changedFiles: ChangedFiles
}

export const NEW_FILES_ONLY: FileRepeats = { newFilesOnly: true, changedFiles: 'report' }
