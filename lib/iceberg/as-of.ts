/** Which state of a table to read. At most one of the three is set; with none, it is the tip of `main` now. */
export type AsOf = {
  /** A branch or a tag. */
  ref?: string
  snapshotId?: string
  /** A point in time, resolved through the snapshot log to the snapshot that was current on `main` then. */
  atMs?: number
}
