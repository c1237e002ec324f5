/** Which state of a table is looked at. Nothing set means the tip of `main`, now. At most one of the three is set. */
export type AsOf = {
  /** A branch or a tag. */
  ref?: string
  snapshotId?: string
  /** A moment, resolved through the snapshot log: the snapshot that was current on `main` then. */
  atMs?: number
}
