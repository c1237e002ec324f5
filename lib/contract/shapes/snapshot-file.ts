import { location } from './wire'

/** Input fields for a file that a snapshot references, by its location in the metadata. */
export const snapshotFileFields = {
  file: location,
  /** The manifest that lists the file. Without it every manifest of the snapshot is searched. */
  manifest: location.optional(),
}
